import type { ArchiveEntry } from "./archive.ts";
import { relisting, remembering, revaluing, reversioned, type WrongSource } from "./wrong-source.ts";

/** One for each rule that is about listings, keys and values. */
export const wrongListings: readonly WrongSource[] = [
  {
    rule: "the source declares and lists what the kit was told",
    seen: /told true of versions, and a listing has \{ key: \{ id: 'row-1' \}/,
    faults: relisting((page) =>
      page.map(({ contentVersion, ...entry }) =>
        entry.key.id === "row-1" ? entry : { ...entry, contentVersion: contentVersion! },
      ),
    ),
  },
  {
    rule: "what values depend on is plain JSON",
    seen: /valueSpec returned \{ since: 1970/,
    faults: () => ({ valueSpec: () => ({ since: new Date(0) }) }),
  },
  {
    rule: "an empty source lists nothing",
    seen: /a source without rows listed \{ id: 'header' \}/,
    faults: ({ list }) => ({
      list: async function* (reader, options) {
        yield [{ key: { id: "header" }, contentVersion: "1" }];
        yield* list(reader, options);
      },
    }),
  },
  {
    rule: "a listing yields every row once",
    seen: /a listing yielded \{ id: 'given' \} twice/,
    faults: relisting((page) => [...page.slice(0, 1), ...page]),
  },
  {
    rule: "a listing of many rows yields each of them once",
    seen: /a listing of 120 rows lacks row .*\(and 17 more\)/,
    faults: ({ list }) => ({
      list: async function* (reader, options) {
        let pages = 0;
        for await (const page of list(reader, options)) if (++pages <= 2) yield page;
      },
    }),
  },
  {
    rule: "two listings of an unchanged source are equal",
    seen: /nothing changed, and a listing had .*, the next /,
    faults: (...given) => {
      let listings = 0;
      return reversioned(() => `${++listings}`)(...given);
    },
  },
  {
    rule: "a removed row is gone",
    seen: /getValue of a removed row yielded .*row-1/,
    faults: remembering,
  },
  {
    rule: "keys come as they were written",
    seen: /a listing yielded \{ id: '' \} twice/,
    faults: relisting((page) =>
      page.map((entry) => ({ ...entry, key: { id: entry.key.id.replace("\0", "") } })),
    ),
  },
  {
    rule: "keys that look alike are different rows",
    seen: /a listing yielded \{ id: 'a' \} twice/,
    faults: relisting((page) => page.map((entry) => ({ ...entry, key: { id: entry.key.id.toLowerCase() } }))),
  },
  {
    rule: "values come as they were written",
    seen: /text is 'line\\nbreak.* and should be 'line\\nbreak\\r/,
    faults: revaluing((value) => ({ ...value, text: value.text.replaceAll("\r", "") })),
  },
  {
    rule: "random rows come as they were written",
    seen: /after random rows of seed 1 were written the source holds row .*text is/,
    faults: revaluing((value) => ({ ...value, text: value.text.trim() })),
  },
  {
    rule: "keys and values fit their schemas",
    seen: /the value of \{ id: 'given' \}, .* does not fit/,
    faults: revaluing((value) => ({ ...value, text: [value.text] as unknown as string })),
  },
  {
    rule: "a missing row is null",
    seen: /404/,
    faults: ({ getValue }) => ({
      getValue: async (...given) => {
        const found = await getValue(...given);
        if (!found) throw new Error("404");
        return found;
      },
    }),
  },
  {
    rule: "rows can be read while the listing goes on",
    seen: /the cursor is busy/,
    faults: ({ list, getValue }) => {
      let busy = false;
      return {
        list: async function* (reader, options) {
          busy = true;
          try {
            yield* list(reader, options);
          } finally {
            busy = false;
          }
        },
        getValue: (...given) => {
          if (busy) throw new Error("the cursor is busy");
          return getValue(...given);
        },
      };
    },
  },
  {
    rule: "rows read at the same time get their own values",
    seen: /read at the same time, the source holds row .*another value/,
    faults: ({ getValue }) => {
      let wanted = { id: "" };
      return {
        getValue: async (reader, key, options) => {
          wanted = key;
          await new Promise((resolve) => setImmediate(resolve));
          return getValue(reader, wanted, options);
        },
      };
    },
  },
  {
    rule: "rows are listed in the order of their keys",
    seen: /came before/,
    // By UTF-16, which is how JavaScript compares: not the order of UTF-8 beyond the basic plane.
    faults: ({ list }) => ({
      list: async function* (reader, options) {
        const all: ArchiveEntry[] = [];
        for await (const page of list(reader, options)) all.push(...page);
        yield all.sort((one, other) => (one.key.id < other.key.id ? -1 : 1));
      },
    }),
  },
];

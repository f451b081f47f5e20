import type { ArchiveEntry } from "./archive.ts";
import { byLength, relisting, remembering, silentOnLocks, type WrongSource } from "./wrong-source.ts";

/** One for each rule that is about versions, opening and closing, and what a flow comes to. */
export const wrongVersions: readonly WrongSource[] = [
  {
    rule: "a listed value is the row's value",
    seen: /by the values that it lists, the source holds row .*text is/,
    faults: relisting((page) =>
      page.map((entry) => ({
        ...entry,
        value: { tags: null, ...entry.value, text: entry.value!.text.slice(0, 40) },
      })),
    ),
  },
  {
    rule: "a value's versions are those of the listing",
    seen: /nothing changed, and getValue has .* where the listing had/,
    faults: ({ getValue }) => ({
      getValue: async (...given) => {
        const found = await getValue(...given);
        return found && { ...found, contentVersion: `"${found.contentVersion}"` };
      },
    }),
  },
  {
    rule: "a row that changes after the listing is read with versions of its own",
    seen: /a new value with the versions of the old one/,
    faults: ({ list, getValue }) => {
      const listed = new Map<string, ArchiveEntry>();
      return {
        list: async function* (reader, options) {
          for await (const page of list(reader, options)) {
            for (const entry of page) listed.set(entry.key.id, entry);
            yield page;
          }
        },
        getValue: async (reader, key, options) => {
          const found = await getValue(reader, key, options);
          const { ordinal, contentVersion } = listed.get(key.id)!;
          return found && { value: found.value, ordinal: ordinal!, contentVersion: contentVersion! };
        },
      };
    },
  },
  {
    rule: "an update without changes reads nothing",
    seen: /an update without changes: 8 rows were read, where 0 were due/,
    faults: ({ getValue }) => ({
      getValue: async (...given) => {
        const found = await getValue(...given);
        return found && { value: found.value };
      },
    }),
  },
  {
    rule: "a content version changes when the content does",
    seen: /the content changed, and its version is still '8'/,
    faults: byLength,
  },
  {
    rule: "ordinals grow",
    seen: /a row was written, and its ordinal went from 1 to 1/,
    faults: relisting((page) => page.map((entry) => ({ ...entry, ordinal: 1 }))),
  },
  {
    rule: "a source can be opened again after it was closed",
    seen: /the reading room is closed/,
    faults: () => {
      const reader = { closed: false };
      return { create: () => reader };
    },
  },
  {
    rule: "closing one connection leaves another open",
    seen: /the reading room is closed/,
    faults: ({ create }) => {
      const readers: { closed: boolean }[] = [];
      return {
        create: async (...given) => {
          readers.push(await create(...given));
          return readers.at(-1)!;
        },
        close: () => {
          for (const reader of readers) reader.closed = true;
        },
      };
    },
  },
  {
    rule: "a listing that is given up can be closed",
    seen: /somebody is still listing/,
    faults: ({ list, close }) => {
      let listing = false;
      return {
        list: async function* (reader, options) {
          listing = true;
          yield* list(reader, options);
          listing = false;
        },
        close: (reader) => {
          if (listing) throw new Error("somebody is still listing");
          return close(reader);
        },
      };
    },
  },
  {
    rule: "a listing stops when it is aborted",
    seen: /aborted after one page yielded 2 more/,
    faults: ({ list }) => ({
      list: (reader, options) => list(reader, { ...options, signal: new AbortController().signal }),
    }),
  },
  {
    rule: "an aborted read does not say that the row is gone",
    seen: /said that the row is gone/,
    faults: ({ getValue }) => ({
      getValue: (reader, key, options) => (options.signal.aborted ? null : getValue(reader, key, options)),
    }),
  },
  {
    rule: "a row that goes after the listing is null",
    seen: /no such paper/,
    faults: ({ list, getValue }) => {
      const listed = new Set<string>();
      return {
        list: async function* (reader, options) {
          for await (const page of list(reader, options)) {
            for (const { key } of page) listed.add(key.id);
            yield page;
          }
        },
        getValue: async (reader, key, options) => {
          const found = await getValue(reader, key, options);
          if (!found && listed.has(key.id)) throw new Error("no such paper");
          return found;
        },
      };
    },
  },
  {
    rule: "what cannot be read is said",
    seen: /a listing left out .*row-1.*, and said to be complete/,
    faults: silentOnLocks,
  },
  {
    rule: "rows that cannot be listed stay in the target",
    seen: /while a part of the source cannot be read, the target of a flow lacks row/,
    faults: silentOnLocks,
  },
  {
    rule: "a source that cannot be reached is no empty source",
    seen: /a source out of reach listed 0 rows, and called that complete/,
    faults: ({ list }, archive) => ({
      list: async function* (reader, options) {
        if (!archive.isShut) yield* list(reader, options);
      },
    }),
  },
  {
    rule: "a first build has every row",
    seen: /the first build: 11 rows were inserted, where 12 were due/,
    faults: relisting((page) => (page.length > 11 ? page.slice(0, 11) : page)),
  },
  {
    rule: "an edit is one changed row",
    seen: /0 rows were updated, where 1 were due/,
    faults: (...given) => ({
      ...relisting((page) => page.map(({ key }) => ({ key, contentVersion: "1" })))(...given),
      getValue: async (...read) => {
        const found = await given[0].getValue(...read);
        return found && { value: found.value, contentVersion: "1" };
      },
    }),
  },
  {
    rule: "a row that leaves the source leaves the target",
    seen: /0 rows were deleted, where 1 were due/,
    faults: remembering,
  },
  {
    rule: "a random history ends as a rebuild would",
    seen: /in the history of seed 1, after step \d+, the target of a flow holds row .*another value/,
    faults: byLength,
  },
  {
    rule: "a row that was only touched is not written",
    seen: /an update after a touch: 1 rows were updated, where 0 were due/,
    faults: ({ getValue }) => ({
      getValue: async (...given) => {
        const found = await getValue(...given);
        return found && { ...found, value: { ...found.value, tags: found.ordinal as number } };
      },
    }),
  },
  {
    rule: "a renamed row is one row",
    seen: /an update after a rename: 0 rows were deleted, where 1 were due/,
    faults: remembering,
  },
];

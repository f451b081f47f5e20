import type { Archive, ArchiveConfig, ArchiveEntry, ArchiveValue, SourceFaults } from "./archive.ts";

/** A source that breaks a rule, and what the kit is to say that it saw. */
export interface WrongSource {
  readonly rule: string;
  readonly seen: RegExp;
  readonly faults: SourceFaults;
}

type Pages = ReturnType<Required<ArchiveConfig>["list"]>;

/** A listing whose pages are changed on their way. */
function relisting(
  relist: (page: readonly ArchiveEntry[], archive: Archive) => readonly ArchiveEntry[],
): SourceFaults {
  return ({ list }, archive) => ({
    list: async function* (reader, options) {
      for await (const page of list(reader, options)) yield relist(page, archive);
    } satisfies (...given: Parameters<ArchiveConfig["list"]>) => Pages,
  });
}

/** Values that are changed on their way. */
function revaluing(revalue: (value: ArchiveValue) => ArchiveValue): SourceFaults {
  return ({ getValue }) => ({
    getValue: async (...given) => {
      const found = await getValue(...given);
      return found && { ...found, value: revalue(found.value as ArchiveValue) };
    },
  });
}

const reversioned = (version: (entry: ArchiveEntry, archive: Archive) => string): SourceFaults =>
  relisting((page, archive) => page.map((entry) => ({ ...entry, contentVersion: version(entry, archive) })));

/** Versions by which an edit of the same length passes unseen. */
const byLength: SourceFaults = (honest, archive) => {
  const length = (id: string) => `${archive.papers.get(id)?.value.text.length}`;
  return {
    ...relisting((page) => page.map(({ key }) => ({ key, contentVersion: length(key.id) })))(honest, archive),
    getValue: async (reader, key, options) => {
      const found = await honest.getValue(reader, key, options);
      return found && { value: found.value, contentVersion: length(key.id) };
    },
  };
};

/** Lists, and reads, what was there once. */
const remembering: SourceFaults = ({ list, getValue }) => {
  const known = new Map<string, ArchiveEntry>();
  const values = new Map<string, NonNullable<Awaited<ReturnType<ArchiveConfig["getValue"]>>>>();
  return {
    ordered: true,
    list: async function* (reader, options) {
      for await (const page of list(reader, options))
        for (const entry of page) known.set(entry.key.id, entry);
      yield [...known.values()].sort((one, other) => (one.key.id < other.key.id ? -1 : 1));
    },
    getValue: async (reader, key, options) => {
      const found = (await getValue(reader, key, options)) ?? values.get(key.id) ?? null;
      if (found) values.set(key.id, found);
      return found;
    },
  };
};

const silentOnLocks: SourceFaults = ({ list }) => ({
  list: (reader, options) => list(reader, { ...options, incomplete: () => {} }),
});

/** One for each rule. */
export const wrongSources: readonly WrongSource[] = [
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

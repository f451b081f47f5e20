import type { ArchiveChange } from "./archive.ts";
import { retelling, rewatching, tellingOnly, type WrongSource } from "./wrong-source.ts";

/** For each rule that is about what a watcher tells. */
export const wrongTellings: readonly WrongSource[] = [
  {
    rule: "a watcher says that it listens",
    seen: /the watcher did not call `armed` within 300 ms/,
    faults: rewatching(() => ({ armed() {} })),
  },
  {
    rule: "a row that is written as soon as a watcher listens is told",
    seen: /no change told the key .*row-7.*, which was written as soon as `armed` was called, within 300 ms/,
    faults: ({ watch }) => ({
      watch: async function* (reader, options) {
        options.armed();
        await new Promise((resolve) => setImmediate(resolve));
        yield* watch(reader, { ...options, armed() {} });
      },
    }),
  },
  {
    rule: "an edited row is told",
    seen: /no change told the key .*row-1.*, which was edited again,/,
    faults: (...given) => {
      const known = new Set<string>();
      return tellingOnly(({ key: { id } }) => !known.has(id) && known.add(id).size > 0)(...given);
    },
  },
  {
    rule: "a removed row is told",
    seen: /no change told the key .*row-2.*, which was removed,/,
    faults: tellingOnly(({ deleted }) => !deleted),
  },
  {
    rule: "a removed row is told",
    seen: /row-2.* was removed and not told as deleted, and getValue still yields a value/,
    faults: (honest, archive) => ({
      ...retelling((page) => page.map(({ key }) => ({ key })))(honest, archive),
      getValue: async (reader, key, options) => {
        const found = await honest.getValue(reader, key, options);
        return found ?? { value: { text: "a copy", tags: null } };
      },
    }),
  },
  {
    rule: "a row that comes back is told as there",
    seen: /row-1.* was removed and written again, and the last that was told of it is that it is deleted/,
    faults: (honest, archive) => {
      const removed = new Set<string>();
      archive.listeners.add(({ id, deleted }) => void (deleted && removed.add(id)));
      const retell = ({ key }: ArchiveChange) => removed.has(key.id);
      return retelling((page) =>
        page.map((change) => (retell(change) ? { key: change.key, deleted: true } : change)),
      )(honest, archive);
    },
  },
  {
    rule: "a change while the source is listed is listed or told",
    seen: /no change told the key .*, which was written while the source was listed, within 300 ms/,
    faults: (...given) => {
      let isListing = false;
      return {
        ...tellingOnly(() => !isListing)(...given),
        list: async function* (reader, options) {
          isListing = true;
          yield* given[0].list(reader, options);
          await new Promise((resolve) => setImmediate(resolve));
          isListing = false;
        },
      };
    },
  },
  {
    rule: "a change while the source is listed is listed or told",
    seen: /no change told the key .*, which was listed and then edited, while the listing went on, within 300 ms/,
    // What is there when the listing begins is for the listing.
    faults: (honest, archive) => {
      let known: ReadonlySet<string> = new Set();
      return {
        ...tellingOnly(({ key }) => !known.has(key.id))(honest, archive),
        list: async function* (reader, options) {
          known = new Set(archive.papers.keys());
          yield* honest.list(reader, options);
        },
      };
    },
  },
  {
    rule: "a change while the source is listed is listed or told",
    seen: /no change told the key .*, which was listed and then removed, while the listing went on, within 300 ms/,
    faults: tellingOnly(({ deleted }) => !deleted),
  },
  {
    rule: "a burst of changes is told in full",
    seen: /of 200 rows that were written in one go 198 were neither told nor said to be missed, the first of them .*row-2.* within 300 ms/,
    // It has room for one change, and keeps the last.
    faults: retelling((page) => page.slice(-1)),
  },
  {
    rule: "a burst of changes is told in full",
    seen: /198 were neither told nor said to be missed,.* it said that changes may be missed: before$/,
    // What may have been missed before excuses nothing that comes after.
    faults: (honest, archive) => {
      const { watch } = rewatching(({ armed, missed }) => ({
        armed() {
          armed();
          missed("before");
        },
      }))(honest, archive);
      return retelling((page) => page.slice(-1))({ ...honest, watch: watch! }, archive);
    },
  },
  {
    rule: "a renamed row is told under both keys",
    seen: /no change told the key .*row-1.*, the former one of a renamed row,/,
    faults: tellingOnly(({ deleted }) => !deleted),
  },
  {
    rule: "a source that was out of reach is followed again, or the watcher says so",
    seen: /the source was out of reach and is back, and the watcher neither told row .*row-9.* nor said anything/,
    faults: (...given) => {
      let wasShut = false;
      Object.defineProperty(given[1], "isShut", {
        set() {
          wasShut = true;
        },
      });
      return tellingOnly(() => !wasShut)(...given);
    },
  },
  {
    rule: "told keys and values fit their schemas",
    seen: /a change told the key \{ id: 20 \}, which does not fit/,
    faults: retelling((page) =>
      page.map((change) => ({ ...change, key: { id: Number(change.key.id.slice(4)) as never } })),
    ),
  },
  {
    rule: "told keys and values fit their schemas",
    seen: /the value of \{ id: 'row-20' \}, .* does not fit/,
    faults: retelling((page) =>
      page.map((change) => ({ ...change, ...(change.value && { value: { text: 1 as never, tags: null } }) })),
    ),
  },
  {
    rule: "a told row is listed, or is gone",
    seen: /row-20.* is there, and was not told again as not deleted within 300 ms/,
    faults: retelling((page) => page.map(({ key }) => ({ key, deleted: true }))),
  },
  {
    rule: "a told row is listed, or is gone",
    seen: /a change told the key \{ id: 'index' \}; no listing has it, and getValue yields/,
    faults: (honest, archive) => ({
      ...retelling((page) => [...page, { key: { id: "index" } }])(honest, archive),
      getValue: (reader, key, options) =>
        key.id === "index"
          ? { value: { text: `${archive.papers.size} papers`, tags: null } }
          : honest.getValue(reader, key, options),
    }),
  },
  {
    rule: "a told value is the row's value",
    seen: /row-2.* was told with the value .*text: 'row-.*, and not with .* after that within 300 ms/,
    faults: retelling((page) =>
      page.map((change) => ({ ...change, ...(change.value && { value: { text: "row-?", tags: null } }) })),
    ),
  },
  {
    rule: "what is no row of the source is not told as one",
    seen: /a change told the key \{ id: 'scrap' \}; no listing has it, and getValue yields .*scribbled/,
    faults: (honest, archive) => ({
      getValue: async (reader, key, options) =>
        (await honest.getValue(reader, key, options)) ?? archive.scraps.get(key.id) ?? null,
      ...retelling((page) => [...page, ...[...archive.scraps.keys()].map((id) => ({ key: { id } }))])(
        honest,
        archive,
      ),
    }),
  },
  {
    rule: "told versions are those of the next listing",
    seen: /row-20.* was told with \{ contentVersion: 'v6'.*, and not with \{ contentVersion: 'v6', ordinal: '6' \} after that/,
    faults: retelling((page) =>
      page.map((change) => (change.deleted ? change : { ...change, ordinal: Number(change.ordinal) - 1 })),
    ),
  },
  {
    rule: "told versions are those of the next listing",
    seen: /row-20.* was told with \{ contentVersion: '"v6"', ordinal: '6' \}, and not with/,
    faults: retelling((page) =>
      page.map((change) =>
        change.deleted ? change : { ...change, contentVersion: `"${change.contentVersion}"` },
      ),
    ),
  },
  {
    rule: "a told value has its ordinal",
    seen: /a change told a value of \{ id: 'row-20' \} without an ordinal/,
    faults: retelling((page) => page.map(({ ordinal, ...change }) => change)),
  },
];

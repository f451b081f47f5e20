import type { WatchOptions } from "../../src/contracts/source.ts";
import type {
  Archive,
  ArchiveChange,
  ArchiveConfig,
  ArchiveEntry,
  ArchiveValue,
  Note,
  SourceFaults,
} from "./archive.ts";

/** A source that breaks a rule, and what the kit is to say that it saw. */
export interface WrongSource {
  readonly rule: string;
  readonly seen: RegExp;
  readonly faults: SourceFaults;
}

type Pages = ReturnType<Required<ArchiveConfig>["list"]>;

/** A listing whose pages are changed on their way. */
export function relisting(
  relist: (page: readonly ArchiveEntry[], archive: Archive) => readonly ArchiveEntry[],
): SourceFaults {
  return ({ list }, archive) => ({
    list: async function* (reader, options) {
      for await (const page of list(reader, options)) yield relist(page, archive);
    } satisfies (...given: Parameters<ArchiveConfig["list"]>) => Pages,
  });
}

/** Values that are changed on their way. */
export function revaluing(revalue: (value: ArchiveValue) => ArchiveValue): SourceFaults {
  return ({ getValue }) => ({
    getValue: async (...given) => {
      const found = await getValue(...given);
      return found && { ...found, value: revalue(found.value as ArchiveValue) };
    },
  });
}

export const reversioned = (version: (entry: ArchiveEntry, archive: Archive) => string): SourceFaults =>
  relisting((page, archive) => page.map((entry) => ({ ...entry, contentVersion: version(entry, archive) })));

/** Versions by which an edit of the same length passes unseen. */
export const byLength: SourceFaults = (honest, archive) => {
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
export const remembering: SourceFaults = ({ list, getValue }) => {
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

export const silentOnLocks: SourceFaults = ({ list }) => ({
  list: (reader, options) => list(reader, { ...options, incomplete: () => {} }),
});

/** A watcher whose changes are changed on their way. */
export function retelling(
  retell: (page: readonly ArchiveChange[], archive: Archive) => readonly ArchiveChange[],
): SourceFaults {
  return ({ watch }, archive) => ({
    watch: async function* (reader, options) {
      for await (const page of watch(reader, options)) yield retell(page, archive);
    },
  });
}

/** A watcher that tells only some of the changes. */
export const tellingOnly = (tells: (change: ArchiveChange, archive: Archive) => boolean): SourceFaults =>
  retelling((page, archive) => page.filter((change) => tells(change, archive)));

/** A watcher that is given other options than it should be. */
export function rewatching(given: (options: WatchOptions) => Partial<WatchOptions>): SourceFaults {
  return ({ watch }) => ({
    watch: (reader, options) => watch(reader, { ...options, ...given(options) }),
  });
}

/** Hears of every paper, for as long as the archive is there, also when nobody watches it. */
export const overhearing = (hear: (note: Note, options: WatchOptions) => void): SourceFaults => {
  return ({ watch }, archive) => ({
    watch: (reader, options) => {
      archive.listeners.add((note) => hear(note, options));
      return watch(reader, options);
    },
  });
};

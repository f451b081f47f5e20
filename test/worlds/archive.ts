import { z } from "zod";
import type { SourceConfig, SourceEntry } from "../../src/contracts/source.ts";
import { defineSource, json, type SourceUse } from "../../src/index.ts";
import { compareText } from "../../src/values/index.ts";

export const archiveKey = z.object({ id: z.string() });
export const archiveValue = z.object({ text: z.string(), tags: json() });

type Key = z.output<typeof archiveKey>;
export type ArchiveValue = z.output<typeof archiveValue>;
export type ArchiveEntry = SourceEntry<Key, z.input<typeof archiveValue>>;

const spec = z.object({ name: z.string() });

interface Paper {
  readonly value: ArchiveValue;
  readonly version: number;
}

export interface Reader {
  closed: boolean;
}

export type ArchiveConfig = SourceConfig<typeof spec, typeof archiveKey, typeof archiveValue, Reader>;
/** What a source does in the place of what is right. */
/** All that an archive has; it cannot be watched. */
export type HonestArchive = Required<Omit<ArchiveConfig, "watch" | "watches" | "watchHeartbeat">>;

export type SourceFaults = (honest: HonestArchive, archive: Archive) => Partial<ArchiveConfig>;

const pageSize = 50;

/** An outside system in memory, and a source that reads it as it should: ordered, with ordinals and versions. */
export class Archive {
  readonly papers = new Map<string, Paper>();
  /** Rows that nobody can read for now. */
  readonly locked = new Set<string>();
  isShut = false;
  #writes = 0;

  write(id: string, value: ArchiveValue): void {
    this.papers.set(id, { value: structuredClone(value), version: ++this.#writes });
  }

  source(listsValues: boolean, faults: SourceFaults = () => ({})): SourceUse<unknown> {
    const honest = this.#honest(listsValues);
    return defineSource({ ...honest, ...faults(honest, this) })({ name: "archive" });
  }

  /** What a listing says of a row. */
  entryOf(id: string, listsValues = false): ArchiveEntry {
    const { value, version } = this.papers.get(id)!;
    const entry = { key: { id }, ordinal: version, contentVersion: `v${version}` };
    return listsValues ? { ...entry, value: structuredClone(value) } : entry;
  }

  #honest(listsValues: boolean): HonestArchive {
    return {
      kind: "archive",
      spec,
      key: archiveKey,
      value: archiveValue,
      version: 1,
      ordered: true,
      providesOrdinal: true,
      valueSpec: ({ name }) => name,
      create: async () => ({ closed: false }),
      list: (reader, { signal, incomplete }) => this.#list(reader, { signal, incomplete, listsValues }),
      getValue: async (reader, { id }, { signal }) => {
        await Promise.resolve();
        signal.throwIfAborted();
        this.#check(reader);
        if (this.locked.has(id)) throw new Error(`${id} is locked away`);
        const paper = this.papers.get(id);
        if (!paper) return null;
        const { value, version } = paper;
        return { value: structuredClone(value), ordinal: version, contentVersion: `v${version}` };
      },
      close: (reader) => {
        reader.closed = true;
      },
    };
  }

  async *#list(
    reader: Reader,
    {
      signal,
      incomplete,
      listsValues,
    }: { signal: AbortSignal; incomplete: (reason: unknown) => void; listsValues: boolean },
  ): AsyncGenerator<readonly ArchiveEntry[]> {
    const ids = [...this.papers.keys()].filter((id) => !this.locked.has(id)).sort(compareText);
    for (let at = 0; at < ids.length; at += pageSize) {
      signal.throwIfAborted();
      this.#check(reader);
      const page = ids.slice(at, at + pageSize).filter((id) => this.papers.has(id));
      yield page.map((id) => this.entryOf(id, listsValues));
    }
    this.#check(reader);
    if (this.locked.size > 0) incomplete(new Error("some papers are locked away"));
  }

  #check({ closed }: Reader): void {
    if (closed) throw new Error("the reading room is closed");
    if (this.isShut) throw new Error("the archive is shut");
  }
}

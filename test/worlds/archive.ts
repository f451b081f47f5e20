import { z } from "zod";
import type { ChangeEvent, SourceConfig, SourceEntry } from "../../src/contracts/source.ts";
import { defineSource, json, type SourceUse } from "../../src/index.ts";
import { compareText } from "../../src/values/index.ts";
import { archiveHeartbeat, watchArchive } from "./watch-archive.ts";

export const archiveKey = z.object({ id: z.string() });
export const archiveValue = z.object({ text: z.string(), tags: json() });

type Key = z.output<typeof archiveKey>;
export type ArchiveValue = z.output<typeof archiveValue>;
export type ArchiveEntry = SourceEntry<Key, z.input<typeof archiveValue>>;
export type ArchiveChange = ChangeEvent<Key, z.input<typeof archiveValue>>;

const spec = z.object({ name: z.string() });

interface Paper {
  readonly value: ArchiveValue;
  readonly version: number;
}

export interface Reader {
  closed: boolean;
}

/** Of what a source needs: a desk of some make. */
interface Desk {
  readonly make: string;
}

export type ArchiveConfig = SourceConfig<typeof spec, typeof archiveKey, typeof archiveValue, Reader, Desk>;
export type HonestArchive = Required<ArchiveConfig>;

/** What a source does in the place of what is right. */
export type SourceFaults = (honest: HonestArchive, archive: Archive) => Partial<ArchiveConfig>;

const pageSize = 50;

/** What those who listen hear of a paper. */
export interface Note {
  readonly id: string;
  readonly deleted: boolean;
}

/** An outside system in memory, and a source that reads it as it should: ordered, watched, with ordinals and versions. */
export class Archive {
  readonly papers = new Map<string, Paper>();
  /** Papers that no listing has, and of which only some hear. */
  readonly scraps = new Map<string, Paper>();
  readonly listeners = new Set<(note: Note) => void>();
  /** What was told, and nobody has acknowledged. */
  readonly unacknowledged = new Set<Note>();
  /** Rows that nobody can read for now. */
  readonly locked = new Set<string>();
  /** What was made for sources that need it. */
  readonly desks = new Set<string>();
  isShut = false;
  #writes = 0;

  write(id: string, value: ArchiveValue): void {
    this.papers.set(id, { value: structuredClone(value), version: ++this.#writes });
    this.#notify({ id, deleted: false });
  }

  remove(id: string): void {
    this.papers.delete(id);
    this.#notify({ id, deleted: true });
  }

  rename(from: string, to: string): void {
    const { value } = this.papers.get(from)!;
    this.remove(from);
    this.write(to, value);
  }

  scribble(id: string): void {
    this.scraps.set(id, { value: { text: "scribbled", tags: null }, version: ++this.#writes });
    this.#notify({ id, deleted: false });
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
      watch: (reader, options) => {
        this.#check(reader);
        return watchArchive(this, options, listsValues);
      },
      watches: () => true,
      watchHeartbeat: archiveHeartbeat,
      close: (reader) => {
        reader.closed = true;
      },
      check: () => {},
      setup: {
        getPersistentKey: ({ defaultName }) => defaultName,
        setupState: () => ({ make: "oak" }),
        describe: (key) => `desk ${key}`,
        applySetupChange: ({ key, current }) => {
          if (current === null) this.desks.delete(String(key));
          else this.desks.add(String(key));
        },
      },
    };
  }

  #notify(note: Note): void {
    for (const hear of this.listeners) hear(note);
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

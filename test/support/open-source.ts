import { onTestFinished } from "vitest";
import type { SourceEntry, SourceUse, SourceValue } from "../../src/contracts/source.ts";
import { type Clock, systemClock } from "../../src/kernel/clock.ts";
import { sourceContext } from "./source-context.ts";

export interface OpenedSource<K, V> {
  /** Every entry of a listing, in order; `incomplete` collects what it could not list. */
  list(options?: { incomplete?: unknown[]; signal?: AbortSignal }): Promise<SourceEntry<K, V>[]>;
  get(key: K): Promise<SourceValue<V> | null>;
}

/** Opens a source the way that the engine does. */
export async function openSource<K, V>(
  use: SourceUse<unknown>,
  appDirectory: string,
  clock: Clock = systemClock,
): Promise<OpenedSource<K, V>> {
  const { definition, spec } = use;
  const connection = await definition.create(spec, sourceContext(appDirectory, clock));
  onTestFinished(() => definition.close(connection));
  return {
    async list({ incomplete, signal = new AbortController().signal } = {}) {
      const report = (reason: unknown) => {
        if (incomplete === undefined) throw reason;
        incomplete.push(reason);
      };
      const entries: SourceEntry<K, V>[] = [];
      for await (const slice of definition.list(connection, { signal, incomplete: report }))
        entries.push(...(slice as SourceEntry<K, V>[]));
      return entries;
    },
    async get(key) {
      const options = { signal: new AbortController().signal };
      return (await definition.getValue(connection, key, options)) as SourceValue<V> | null;
    },
  };
}

import { bytesToMapKey } from "../kernel/bytes.ts";
import type { Fingerprint } from "../values/index.ts";
import { absent, type EntryState, type OutputEntry } from "./output-record.ts";

/** A target row that should be there. */
export interface WantedEntry<V> {
  readonly key: Uint8Array;
  readonly fingerprint: Fingerprint;
  readonly value: V;
}

/** A write that makes a target row what it should be; null deletes. */
export interface EntryWrite<V> {
  readonly key: Uint8Array;
  readonly value: V | null;
}

export interface Reconciled<V> {
  readonly writes: readonly EntryWrite<V>[];
  /** What may be there from before the writes until they are known to have landed. */
  readonly staged: readonly OutputEntry[];
  /** What is there once they have landed. */
  readonly landed: readonly OutputEntry[];
}

/**
 * From what may be there and what should be there to the writes. A write is left out only if every possible
 * state already is the wanted one, unless `rewrite` asks for all of them. `wanted` has each key once.
 */
export function reconcile<V>(
  possible: readonly OutputEntry[],
  wanted: readonly WantedEntry<V>[],
  rewrite = false,
): Reconciled<V> {
  if (possible.length === 0) return reconcileNew(wanted);
  const before = new Map(possible.map((entry) => [bytesToMapKey(entry.key), entry.states]));
  const writes: EntryWrite<V>[] = [];
  const staged: OutputEntry[] = [];
  const landed: OutputEntry[] = [];
  for (const { key, fingerprint, value } of wanted) {
    const mapKey = bytesToMapKey(key);
    const states = before.get(mapKey) ?? [absent];
    before.delete(mapKey);
    landed.push({ key, states: [fingerprint] });
    if (!rewrite && isOnly(states, fingerprint)) {
      staged.push({ key, states });
    } else {
      staged.push({ key, states: withState(states, fingerprint) });
      writes.push({ key, value });
    }
  }
  for (const { key } of possible) {
    const states = before.get(bytesToMapKey(key));
    if (states === undefined || isOnly(states, absent)) continue;
    staged.push({ key, states: withState(states, absent) });
    writes.push({ key, value: null });
  }
  return { writes, staged, landed };
}

/** As {@link reconcile} where nothing may be there: most rows are new but once. */
function reconcileNew<V>(wanted: readonly WantedEntry<V>[]): Reconciled<V> {
  return {
    writes: wanted,
    staged: wanted.map(({ key, fingerprint }) => ({ key, states: [absent, fingerprint] })),
    landed: wanted.map(({ key, fingerprint }) => ({ key, states: [fingerprint] })),
  };
}

export function isOnly(states: readonly EntryState[], wanted: EntryState): boolean {
  return states.every((state) => state === wanted);
}

export function withState(states: readonly EntryState[], added: EntryState): readonly EntryState[] {
  return states.includes(added) ? states : [...states, added];
}

import type { FlowId, SourceId, StateStore, TargetId } from "../contracts/state-store.ts";
import { fingerprintBytes } from "../values/index.ts";
import { KeySet } from "./key-set.ts";
import { absent, decodeOutputRecord, type EntryState } from "./output-record.ts";
import { decodeOwnerRecord } from "./owner-record.ts";
import { ScanCursor } from "./scan-cursor.ts";

export interface CountTargetRows {
  readonly store: StateStore;
  readonly flow: FlowId;
  /** Every source whose rows may have something in the targets. */
  readonly sources: readonly SourceId[];
  readonly targets: readonly TargetId[];
}

/** How many records are read at once. */
const batchRows = 256;

/**
 * How many rows each of these targets may hold, by what the owner index says of it and the output records of rows. A
 * key that several rows yield counts once. Reads every output record.
 */
export async function countTargetRows(options: CountTargetRows): Promise<ReadonlyMap<TargetId, number>> {
  const { store, flow, sources, targets } = options;
  const keys = new Map(targets.map((target) => [target, new KeySet(fingerprintBytes)]));
  for (const source of sources) {
    for await (const batch of keysOf(store, flow, source)) {
      const records = await store.readRows(
        flow,
        batch.map((key) => ({ source, key })),
      );
      for (const { outputs } of records) if (outputs) addKeys(outputs, keys);
    }
  }
  for (const [target, known] of keys) {
    for await (const page of store.scanOwners(flow, target, { owedOnly: false })) {
      for (const { key, record } of page) if (mayBeThere(decodeOwnerRecord(record).states)) known.add(key);
    }
  }
  return new Map([...keys].map(([target, { size }]) => [target, size]));
}

async function* keysOf(store: StateStore, flow: FlowId, source: SourceId): AsyncGenerator<Uint8Array[]> {
  const cursor = new ScanCursor(store.scan(flow, source));
  try {
    let batch: Uint8Array[] = [];
    while (await cursor.advance()) {
      batch.push(cursor.copyKey());
      if (batch.length < batchRows) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    cursor.close();
  }
}

function addKeys(outputs: Uint8Array, keys: ReadonlyMap<TargetId, KeySet>): void {
  for (const { target, entries } of decodeOutputRecord(outputs).targets) {
    const known = keys.get(target);
    if (!known) continue;
    for (const { key, states } of entries) if (mayBeThere(states)) known.add(key);
  }
}

function mayBeThere(states: readonly EntryState[]): boolean {
  return states.some((state) => state !== absent);
}

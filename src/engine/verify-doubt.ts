import type { Fence, OwnerWrite, RowWrite } from "../contracts/state-store.ts";
import { absent, decodeOutputRecord, encodeOutputRecord, type OutputEntry } from "./output-record.ts";
import { decodeOwnerRecord } from "./owner-record.ts";
import { ownerWrite } from "./owners.ts";
import { withState } from "./reconcile.ts";
import type { ExpectedRows } from "./verify-expected.ts";
import {
  type RecordedRow,
  type RecordReading,
  recordedRows,
  type TrackedSource,
  trackedSources,
} from "./verify-records.ts";
import type { VerifiedTarget } from "./verify-target.ts";
import { pendingVersion } from "./version-record.ts";

export interface Doubting extends RecordReading {
  /** As it is at the time of a write. */
  fence(): Fence;
}

/**
 * Records, durably, that nobody knows what the target has of the rows that are to be repaired, and marks where they
 * come from. From then on it is an update's matter to write them, this process's or the next one's.
 */
export async function putInDoubt(doubting: Doubting, { export: index, rows }: VerifiedTarget): Promise<void> {
  const { store, bindings } = doubting;
  for (const source of trackedSources(doubting, index)) {
    for await (const page of recordedRows(doubting, index, source)) {
      const writes = page.filter((row) => isDamaged(row, rows)).map((row) => doubted(row, rows));
      if (writes.length > 0) await store.write({ fence: doubting.fence(), rows: writes });
    }
  }
  if (!bindings.targets[index]!.indexed) return;
  for await (const owners of doubtedOwners(doubting, index, rows)) {
    if (owners.length > 0) await store.write({ fence: doubting.fence(), owners });
  }
}

/** The rows of a source, by their encoded keys, that alone yield what is to be repaired. */
export async function* damagedRows(
  reading: RecordReading,
  { export: index, rows }: VerifiedTarget,
  source: TrackedSource,
): AsyncGenerator<Uint8Array> {
  for await (const page of recordedRows(reading, index, source))
    for (const row of page) if (isDamaged(row, rows)) yield row.key;
}

function isDamaged({ output }: RecordedRow, rows: ExpectedRows): boolean {
  return output.entries.some((entry) => isDamagedEntry(entry, rows));
}

/** An entry without states is the owner index's matter. */
function isDamagedEntry({ key, states }: OutputEntry, rows: ExpectedRows): boolean {
  return states.length > 0 && rows.isRepairable(key);
}

/** A second possible state is all it takes for a target row to be written, whatever it should be by then. */
function doubted({ source, key, records, output }: RecordedRow, rows: ExpectedRows): RowWrite {
  const inDoubt = (entry: OutputEntry) =>
    isDamagedEntry(entry, rows) ? { key: entry.key, states: withState(entry.states, absent) } : entry;
  const targets = decodeOutputRecord(records.outputs!).targets.map((one) =>
    one.target === output.target ? { ...one, entries: one.entries.map(inDoubt) } : one,
  );
  const outputs = encodeOutputRecord({ targets });
  return { source: source.id, key, version: pendingVersion(records.version), outputs };
}

async function* doubtedOwners(
  { store, flow, bindings, signal }: Doubting,
  exportIndex: number,
  rows: ExpectedRows,
): AsyncGenerator<readonly OwnerWrite[]> {
  const { id: target } = bindings.targets[exportIndex]!;
  for await (const page of store.scanOwners(flow, target, { owedOnly: false })) {
    signal.throwIfAborted();
    yield page
      .filter(({ key }) => rows.isRepairable(key))
      .map(({ key, record }) => {
        const known = decodeOwnerRecord(record);
        return ownerWrite({ target, key }, { ...known, states: withState(known.states, absent), owed: true });
      });
  }
}

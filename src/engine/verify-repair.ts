import type { Fence, RowWrite, SourceId } from "../contracts/state-store.ts";
import { absent, decodeOutputRecord, encodeOutputRecord, type OutputEntry } from "./output-record.ts";
import { pendingVersion } from "./row-recorder.ts";
import type { ExpectedRows } from "./verify-expected.ts";
import { type RecordedRow, type RecordReading, recordedRows } from "./verify-records.ts";
import type { VerifiedTarget } from "./verify-target.ts";
import { decodeVersionRecord } from "./version-record.ts";

export interface Doubting extends RecordReading {
  /** As it is at the time of a write. */
  fence(): Fence;
}

/**
 * Records, durably, that nobody knows what the target has of the rows that are missing or different, and marks the
 * rows of sources that they come from. From then on it is an update's matter to write them, this one's or the next.
 */
export async function putInDoubt(doubting: Doubting, verified: VerifiedTarget): Promise<void> {
  for await (const page of recordedRows(doubting, verified.export)) {
    const rows = page.filter((row) => isDamaged(row, verified.rows)).map((row) => doubted(row, verified.rows));
    if (rows.length > 0) await doubting.store.write({ fence: doubting.fence(), rows });
  }
}

/** The rows of a source, by their encoded keys, that yield what is missing or different. */
export async function* damagedRows(
  reading: RecordReading,
  verified: VerifiedTarget,
  source: SourceId,
): AsyncGenerator<Uint8Array> {
  for await (const page of recordedRows(reading, verified.export, source))
    for (const row of page) if (isDamaged(row, verified.rows)) yield row.key;
}

function isDamaged({ output }: RecordedRow, rows: ExpectedRows): boolean {
  return output.entries.some((entry) => isDamagedEntry(entry, rows));
}

function isDamagedEntry({ key, states }: OutputEntry, rows: ExpectedRows): boolean {
  if (states.length === 0) return false;
  const standing = rows.standing(key);
  return standing === "missing" || standing === "different";
}

function doubted({ source, key, records, output }: RecordedRow, rows: ExpectedRows): RowWrite {
  const targets = decodeOutputRecord(records.outputs!).targets.map((one) =>
    one.target === output.target ? { ...one, entries: one.entries.map((entry) => inDoubt(entry, rows)) } : one,
  );
  const version = pendingVersion(decodeVersionRecord(records.version!));
  return { source: source.id, key, version, outputs: encodeOutputRecord({ targets }) };
}

/** A second possible state is all it takes for a target row to be written, whatever it should be by now. */
function inDoubt(entry: OutputEntry, rows: ExpectedRows): OutputEntry {
  return isDamagedEntry(entry, rows) ? { ...entry, states: [...entry.states, absent] } : entry;
}

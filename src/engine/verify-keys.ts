import type { Fingerprint } from "../values/index.ts";
import { absent, type EntryState } from "./output-record.ts";
import { type RecordedRow, type RecordReading, recordedRows, type TrackedSource } from "./verify-records.ts";

/** A target key of which the store keeps something, and what it says should be there. */
export interface RecordedKey {
  readonly key: Uint8Array;
  /** The fingerprint of the value; null where the store does not know it. */
  readonly value: Fingerprint | null;
  /** Why the store does not know it. */
  readonly pending: string | null;
  /** The row that it comes from; null where none yields it any more. */
  readonly row: { readonly source: TrackedSource; readonly key: Uint8Array } | null;
}

/** All that the store's records say of one export's target, page by page. A key may come more than once. */
export async function* recordedKeys(
  reading: RecordReading,
  exportIndex: number,
): AsyncGenerator<readonly RecordedKey[]> {
  for await (const page of recordedRows(reading, exportIndex)) yield page.flatMap(keysOfRow);
}

function keysOfRow(row: RecordedRow): RecordedKey[] {
  const { source, output } = row;
  const outdated =
    source.logic === null
      ? "its source no longer feeds the export"
      : source.logic === output.logic
        ? null
        : "the flow has changed since it was written";
  return output.entries.flatMap(({ key, states }) => {
    const said = whatStatesSay(states, outdated);
    return said ? [{ key, row, ...said }] : [];
  });
}

function whatStatesSay(
  states: readonly EntryState[],
  outdated: string | null,
): Pick<RecordedKey, "value" | "pending"> | null {
  const [state] = states;
  if (states.length !== 1) return { value: null, pending: unsettled };
  if (state === undefined || state === absent) return null;
  return outdated === null ? { value: state, pending: null } : { value: null, pending: outdated };
}

const unsettled = "a write of it failed, or was interrupted";

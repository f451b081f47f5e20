import type { FlowId, RowAddress, StateStore } from "../contracts/state-store.ts";
import { decodeFailureRecord, type FailureRecord } from "./failure-record.ts";
import { decodeOutputRecord, type TargetOutput } from "./output-record.ts";
import { decodeTraceRecord, type TraceRecord } from "./trace-record.ts";
import { decodeVersionRecord, type VersionRecord } from "./version-record.ts";

/** All that the store keeps of one row. */
export interface StoredRow {
  readonly version: VersionRecord;
  readonly outputs: readonly TargetOutput[];
  readonly failure: FailureRecord | null;
  readonly trace: TraceRecord | null;
}

/** Null where the store does not know the row. */
export async function readStoredRow(
  store: StateStore,
  flow: FlowId,
  row: RowAddress,
): Promise<StoredRow | null> {
  const [records] = await store.readRows(flow, [row]);
  if (!records?.version) return null;
  const trace = await store.readTrace(flow, row);
  return {
    version: decodeVersionRecord(records.version),
    outputs: records.outputs === null ? [] : decodeOutputRecord(records.outputs).targets,
    failure: records.failure === null ? null : decodeFailureRecord(records.failure),
    trace: trace === null ? null : decodeTraceRecord(trace),
  };
}

/** What rows have, or may have, in targets, in the order asked. */
export async function readOutputs(
  store: StateStore,
  flow: FlowId,
  rows: readonly RowAddress[],
): Promise<readonly (readonly TargetOutput[])[]> {
  const records = await store.readRows(flow, rows);
  return records.map(({ outputs }) => (outputs === null ? [] : decodeOutputRecord(outputs).targets));
}

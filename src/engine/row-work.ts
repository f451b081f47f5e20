import type { RowOutcome, RowReason } from "../contracts/events.ts";
import type { RowWrite } from "../contracts/state-store.ts";
import type { SluiceError } from "../errors/index.ts";
import type { EntryWrite } from "./reconcile.ts";

/** The writes that one row makes to one export. */
export interface ExportWrites {
  /** Index in `Plan.exports`. */
  readonly export: number;
  readonly writes: readonly EntryWrite<TargetValue>[];
}

/** A target row's value with its size in the encoding. */
export interface TargetValue {
  readonly value: unknown;
  readonly size: number;
}

/** A row that was evaluated and reconciled: what is to be staged, applied and committed for it. */
export interface RowWork {
  readonly source: string;
  /** The key as text for people. */
  readonly row: string;
  readonly outcome: RowOutcome;
  readonly reason: RowReason;
  /** Null where no target is written: nothing is in doubt, so nothing need be staged. */
  readonly stage: RowWrite | null;
  readonly writes: readonly ExportWrites[];
  readonly commit: RowWrite;
  /** What to record in place of `commit` when a target refused the row. */
  failed(error: SluiceError): RowWrite;
}

/** How many bytes of values the row writes. */
export function sizeOf(work: RowWork): number {
  let size = 0;
  for (const { writes } of work.writes) {
    for (const { key, value } of writes) size += key.length + (value?.size ?? 0);
  }
  return size;
}

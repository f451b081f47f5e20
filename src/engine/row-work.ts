import type { OwnerWrite, RowWrite } from "../contracts/state-store.ts";
import type { SluiceError } from "../errors/index.ts";
import type { EntryWrite } from "./reconcile.ts";

/** The writes that are made to one export. */
export interface ExportWrites {
  /** Index in `Plan.exports`. */
  readonly export: number;
  readonly writes: readonly EntryWrite<TargetValue>[];
}

/** A target row's value with its size in the encoding, and its key as the target takes it. */
export interface TargetValue {
  readonly key: unknown;
  readonly value: unknown;
  readonly size: number;
}

/** Changes to what the store keeps of a row and of the target keys that it shares with others. */
export interface RecordWrite {
  /** Null where no row is concerned: a target key that nobody claims any more. */
  readonly row: RowWrite | null;
  readonly owners: readonly OwnerWrite[];
}

/** What goes to targets as one, all of it or not: what is to be staged, applied and committed for it. */
export interface RowWork {
  /** Null where no target is written: nothing is in doubt, so nothing need be staged. */
  readonly stage: RecordWrite | null;
  readonly writes: readonly ExportWrites[];
  readonly commit: RecordWrite;
  /** What to record in place of `commit` when a target refused it. */
  failed(error: SluiceError): RecordWrite;
}

/** How many bytes of values are written. */
export function sizeOf(work: RowWork): number {
  let size = 0;
  for (const { writes } of work.writes) {
    for (const { key, value } of writes) size += key.length + (value?.size ?? 0);
  }
  return size;
}

import type { Computed } from "../functions.ts";

/** One write of a target row; null stands for a row that is not there. */
export interface TargetWrite {
  readonly backend: string;
  /** The text of its key. */
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface FunctionCall {
  readonly name: string;
  readonly version: number;
  readonly args: readonly (string | null)[];
  readonly result: Computed;
}

/** What was asked of the world, as the world saw it. */
export class Work {
  /** Rows whose values were read one by one, as `source key`. */
  readonly reads: string[] = [];
  readonly calls: FunctionCall[] = [];
  readonly writes: TargetWrite[] = [];
  mutates = 0;
  /** Sources whose listing came to its end and was complete. */
  readonly listed = new Set<string>();
  /** Rows that were written to the store. */
  rowsStored = 0;
  /** What no engine may ever do. */
  readonly violations: string[] = [];
}

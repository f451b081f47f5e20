import type { RowReason } from "../../contracts/events.ts";
import type { TargetRowState } from "../../engine/index.ts";
import type { ErrorPlace } from "../../errors/index.ts";
import type { LogicPart } from "../../plan/index.ts";

export type { TargetRowState };

/** Why a row of a source ran when it last did, what that did, and how the row stands. */
export interface RowExplanation {
  readonly flow: string;
  readonly source: string;
  /** The row's key as text for people. */
  readonly row: string;
  /** The key in plain data. */
  readonly key: unknown;
  /** Its writes may or may not have landed: the next update processes it whatever else is the same. */
  readonly pending: boolean;
  /** When it last came through; null where it has not yet, or nothing is on record of it. */
  readonly lastRun: RowRun | null;
  /** Why it does not come through now; null where it does. */
  readonly failure: StandingFailure | null;
  /** What it has, or may have, in targets. */
  readonly outputs: readonly RowOutput[];
  /** What of the flow's definition has changed since: the next update processes it for that. */
  readonly stale: readonly ExplainedChange[];
}

/** One processing of a row, from when it was committed. */
export interface RowRun {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly reason: RowReason;
  /** What of the flow's definition was other than when the row ran before; it may be beside the reason. */
  readonly changes: readonly ExplainedChange[];
  /** Attempts that failed before this one. */
  readonly failedBefore: number;
  /** The update was asked to write every target row again. */
  readonly reexport: boolean;
  /** The update was asked to compute everything again. */
  readonly fullReprocess: boolean;
  readonly functions: readonly ExplainedCalls[];
  /** The exports that were evaluated, and those that the row feeds no more. */
  readonly targets: readonly ExplainedWrites[];
}

/** Inputs that a row gave a function. */
export interface ExplainedCalls {
  readonly function: string;
  readonly computed: number;
  /** Inputs whose result was remembered. */
  readonly memoHits: number;
}

/** What became of the target rows that a row yields to one export. */
export interface ExplainedWrites {
  readonly target: string;
  readonly upserted: number;
  readonly deleted: number;
  /** Left, since they were as they should be. */
  readonly equal: number;
  /** Yielded, but another row's. */
  readonly others: number;
  /** No longer yielded by it while others may: settled when all rows were through. */
  readonly dropped: number;
}

/** A part of the flow's definition that has changed. */
export interface ExplainedChange {
  readonly part: LogicPart;
  /** The function that it is of; null for parts that are none of a function. */
  readonly function: string | null;
  /** The exports that it concerns. */
  readonly targets: readonly string[];
}

/** A failure that stands: the row has not come through since. */
export interface StandingFailure {
  readonly code: string;
  readonly message: string;
  readonly where: ErrorPlace;
  /** How often it failed in a row. */
  readonly attempts: number;
  /** Milliseconds since the Unix epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** What failed was to take away what the row had yielded: its source has it no more. */
  readonly removal: boolean;
}

/** What a row has, or may have, in one target. */
export interface RowOutput {
  readonly target: string;
  readonly rows: readonly ExplainedTargetRow[];
}

/** A target row that a row of a source yields. */
export interface ExplainedTargetRow {
  /** The target key as text for people. */
  readonly key: string;
  readonly state: TargetRowState;
  /** The row that it is of where several rows yield it; null where this one is the only one, or nobody's is known. */
  readonly owner: RowName | null;
  /** Why it could not be brought to what it should be, or why this row must not yield it beside its owner. */
  readonly failure: StandingFailure | null;
}

/** A row of a source. */
export interface RowName {
  readonly source: string;
  /** The row's key as text for people. */
  readonly row: string;
}

/** Where a row of a target comes from. */
export interface TargetRowExplanation {
  readonly flow: string;
  readonly target: string;
  /** The target key as text for people. */
  readonly key: string;
  readonly state: TargetRowState;
  /** The row that it is of; null where none yields it any more. */
  readonly owner: RowName | null;
  /** Other rows that yield it, in the order in which they would take it over. */
  readonly others: readonly RowName[];
  /** Why it could not be brought to what it should be, where no row stands for that. */
  readonly failure: StandingFailure | null;
}

import type { Machine } from "../machine.ts";
import type { Counts, Task } from "./counts.ts";
import type { ProcessUse } from "./measure-process.ts";
import type { AreaTime } from "./profile-areas.ts";

export type PhaseName =
  | "initial"
  | "unchanged"
  | "edited"
  | "touched"
  | "renamed"
  | "splitter"
  | "reexport"
  | "interrupted"
  | "resumed";

export type ContenderName =
  | "floor"
  | "sluice"
  | "langchain-full"
  | "langchain-incremental"
  | "llamaindex"
  | "cocoindex";

/** What one contender took in one phase, in every round. */
export interface PhaseResult {
  readonly files: number;
  readonly phase: PhaseName;
  readonly contender: ContenderName;
  readonly target: Task["target"];
  readonly delay: number;
  readonly rounds: readonly PhaseRound[];
  /** What it ended with where it did not end well. */
  readonly failure: string | null;
}

export interface PhaseRound extends ProcessUse {
  /** Null where it was killed. */
  readonly counts: Counts | null;
  /** What it had written to the disk; null where that is not known, left out where it was not looked at. */
  readonly writtenBytes?: number | null;
}

/** The texts of a corpus that had not been there before a phase. */
export interface TextsResult {
  readonly files: number;
  readonly phase: PhaseName;
  readonly pieces: number;
  readonly newTexts: number;
}

/** What a target held in the end, compared with a rebuild from nothing. */
export interface RightnessResult {
  readonly files: number;
  readonly contender: ContenderName;
  readonly what: "phases" | "resumed";
  readonly rows: number;
  /** Rows that should be gone. */
  readonly stale: number;
  readonly missing: number;
}

export interface BurstResult {
  readonly files: number;
  readonly edits: number;
  readonly rounds: readonly BurstRound[];
}

/** From the first edit until all of them were durable. */
export interface BurstRound {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly counts: Counts;
}

/** Something of one kind in several sizes. */
export interface SizedResult extends ProcessUse {
  readonly size: number;
  readonly phase: PhaseName;
}

/** Where the time of Sluice goes in a phase. */
export interface ProfileResult {
  readonly files: number;
  readonly phase: PhaseName;
  readonly areas: readonly AreaTime[];
}

export interface StartupResult {
  readonly command: string;
  readonly rounds: readonly ProcessUse[];
}

export interface UpdateResults {
  readonly command: string;
  readonly machine: Machine;
  readonly batch: number;
  /** What stands in for those that could not be run, with the reason. */
  readonly absent: Readonly<Partial<Record<ContenderName, string>>>;
  readonly phases: readonly PhaseResult[];
  readonly texts: readonly TextsResult[];
  readonly rightness: readonly RightnessResult[];
  readonly bursts: readonly BurstResult[];
  /** Updates of a source of so many rows, in which nothing has changed. */
  readonly sources: readonly SizedResult[];
  /** Updates of one row of so many pieces. */
  readonly wideRows: readonly SizedResult[];
  readonly startups: readonly StartupResult[];
  readonly profiles: readonly ProfileResult[];
}

import type { Contender } from "./contenders.ts";
import type { Task } from "./counts.ts";
import type { PhaseName } from "./results.ts";
import type { Change } from "./update-corpus.ts";

/** One who takes part in a series. */
export interface Entrant {
  readonly contender: Contender;
  readonly target: Task["target"];
  readonly rounds: number;
  readonly phases: readonly PhaseName[];
}

/** Phases that one contender after the other goes through, on files that change in the same ways in every round. */
export interface Series {
  readonly title: string;
  readonly files: number;
  /** Milliseconds that a call of the embedder waits. */
  readonly delay: number;
  readonly entrants: readonly Entrant[];
}

export interface Phase {
  readonly name: PhaseName;
  /** What happens to the files before. */
  readonly change: Change | null;
  readonly splitter: Task["splitter"];
  readonly mode: Task["mode"];
}

/** On one state, in this order. */
export const phases: readonly Phase[] = [
  { name: "initial", change: null, splitter: 1, mode: "update" },
  { name: "unchanged", change: null, splitter: 1, mode: "update" },
  { name: "edited", change: "edit", splitter: 1, mode: "update" },
  { name: "touched", change: "touch", splitter: 1, mode: "update" },
  { name: "renamed", change: "rename", splitter: 1, mode: "update" },
  { name: "splitter", change: null, splitter: 2, mode: "update" },
  { name: "reexport", change: null, splitter: 2, mode: "reexport" },
];

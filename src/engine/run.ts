import type { SourceContext } from "../contracts/source.ts";
import type { SourceNames } from "../contracts/source-setup.ts";
import type { FlowId, StateStore } from "../contracts/state-store.ts";
import type { Activity } from "../kernel/activity.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { Semaphore } from "../kernel/semaphore.ts";
import type { Plan } from "../plan/index.ts";
import type { Bindings } from "./bindings.ts";
import type { AllowedDeletions } from "./deletion-guard.ts";
import type { FunctionCalls } from "./function-calls.ts";
import type { Landing } from "./landing.ts";
import type { MemosInUse } from "./memos-in-use.ts";
import type { Owners } from "./owners.ts";
import type { Tally } from "./tally.ts";
import type { EntryEncoder } from "./wanted-entries.ts";

/** Why rows are processed that need not be. */
export interface Forcing {
  /** Write every target row again. */
  readonly reexport: boolean;
  /** Compute everything again, remembered results included. */
  readonly fullReprocess: boolean;
}

/** What the steps of one update share. */
export interface Run {
  readonly plan: Plan;
  readonly flow: FlowId;
  readonly bindings: Bindings;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly sourceContext: Omit<SourceContext, keyof SourceNames>;
  /** Aborts when the update is to stop; what is staged still lands. */
  readonly signal: AbortSignal;
  /** Of the pass under way, as is what it may delete unasked: a live update makes one pass after the other. */
  forcing: Forcing;
  allowDeletions: AllowedDeletions;
  readonly activity: Activity;
  readonly calls: FunctionCalls;
  readonly memosInUse: MemosInUse;
  readonly encoder: EntryEncoder;
  readonly landing: Landing;
  readonly tally: Tally;
  readonly owners: Owners;
  /** Rows whose last attempt in this update failed, by name. */
  readonly failedRows: Set<string>;
  /** Those of them that were never committed: nobody knows what target keys they would yield. */
  readonly failedAnew: Set<string>;
  /** What the process has in flight. */
  readonly rows: Semaphore;
  readonly bytes: Semaphore;
}

/** What listing and reading a source need. */
export type ReadingRun = Pick<Run, "plan" | "clock" | "signal" | "tally" | "sourceContext">;

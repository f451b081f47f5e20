import type { Report } from "../contracts/events.ts";
import type { LeaseHolder } from "../contracts/state-store.ts";
import type { SetupPlan } from "../setup/index.ts";

/** What every verb of a flow takes. */
export interface VerbOptions {
  /** Told what happens as it happens. */
  readonly report?: Report;
  /** Stops the work; what is half applied is finished first. */
  readonly signal?: AbortSignal;
  /** Wait for another process that works on the flow, rather than fail. */
  readonly wait?: boolean;
  /** Told once when the waiting begins. */
  readonly onWait?: (holder: LeaseHolder) => void;
  /** Take the flow from a holder on another machine or in another container, which is known to be gone. */
  readonly takeOver?: boolean;
}

/** Options of planning a setup, and of a setup. */
export interface PlanSetupOptions {
  /**
   * Take over backends that are there already, after a lost store: those of exports that the store knows nothing of.
   * The rows that they hold and that no source yields go with the first complete update, where the target can be read
   * back.
   */
  readonly adopt?: boolean;
  /** Let go of backends that cannot be dropped, and tell which are left behind. */
  readonly forget?: boolean;
}

/** Options of a drop. */
export interface DropFlowOptions extends VerbOptions, Pick<PlanSetupOptions, "forget"> {}

/** Options of a setup. */
export interface SetupFlowOptions extends VerbOptions, PlanSetupOptions {
  /** The plan that was shown and agreed to: `setup-refused` where another has become needed since. */
  readonly agreed?: SetupPlan;
}

/** Options of an update. */
export interface UpdateFlowOptions extends VerbOptions {
  /** Write every target row again, whether or not it changed. */
  readonly reexportTargets?: boolean;
  /** Compute everything again, cached results included. */
  readonly fullReprocess?: boolean;
  /**
   * Delete what would be held for approval: with true any number of rows, with a number up to so many of each
   * source. Where a source has lost more than that, none of its rows is deleted. Default false.
   */
  readonly allowDeletions?: boolean | number;
  /**
   * Only the rows that failed, and target rows that could not be deleted. Nothing is listed, so rows that are new,
   * changed or gone since are left to the next update. Cannot go with `fullReprocess`.
   */
  readonly retryFailed?: boolean;
}

/** Options of a live update. */
export interface LiveUpdateOptions extends VerbOptions {
  /** Follow changes after the update. Default true; false is one update, with the same handle. */
  readonly live?: boolean;
  /** Write every target row again in the first pass, whether or not it changed. */
  readonly reexportTargets?: boolean;
  /** Compute everything again in the first pass, cached results included. */
  readonly fullReprocess?: boolean;
  /**
   * Delete what would be held for approval, as long as it runs: with true any number of rows, with a number up to so
   * many of each source. Default false.
   */
  readonly allowDeletions?: boolean | number;
}

/** Options of a verification. */
export interface VerifyFlowOptions extends VerbOptions {
  /** Write rows that are missing or different again, and delete extra ones. */
  readonly repair?: boolean;
  /**
   * Let a repair delete what would be held for approval: with true any number of extra rows, with a number up to so
   * many of each target. Default false.
   */
  readonly allowDeletions?: boolean | number;
  /** How many rows of each kind are named, of each target; the counts are of all. Default 100. */
  readonly limit?: number;
}

/** Options of an evaluation. */
export interface EvaluateOptions {
  /** Where the files go, made where it is not there; relative to the working directory. */
  readonly outputDir: string;
  /** Use results that earlier updates cached; none is ever written. Default true. */
  readonly useCache?: boolean;
  readonly report?: Report;
  readonly signal?: AbortSignal;
}

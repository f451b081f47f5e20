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

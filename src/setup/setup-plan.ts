import type { SourceSetupDefinition } from "../contracts/source-setup.ts";
import type { SourceId, TargetId } from "../contracts/state-store.ts";
import type { Json, SetupVerdict, TargetDefinition } from "../contracts/target.ts";
import type { SetupRecord } from "./setup-record.ts";

/** What setup will do, as it is shown before it happens. */
export interface SetupPlan {
  readonly flow: string;
  readonly actions: readonly SetupAction[];
  /** What becomes of that which sources need beside their rows. */
  readonly sourceActions: readonly SourceSetupAction[];
  /** Sources that joined, left or changed their name since the last setup; none where there was no setup. */
  readonly sourceChanges: readonly SourceChange[];
  /** What is to be recorded before any connector is called. */
  readonly staged: SetupRecord;
  /** What is to be recorded when all of it is done. */
  readonly done: SetupRecord;
  /** The records differ, if only in which sources there are; nothing outside the store need change. */
  readonly recordsChange: boolean;
}

/** One backend to bring to a state. */
export interface SetupAction {
  readonly verb: SetupVerb;
  readonly target: TargetId;
  /** The export's name; for a drop, the name that it last had. */
  readonly name: string;
  readonly targetKind: string;
  readonly key: Json;
  /** The backend in the connector's words. */
  readonly description: string;
  readonly verdict: SetupVerdict | "new" | "gone";
  /** The backend's data is lost. */
  readonly destroys: boolean;
  /** Its user does the change; Sluice only records it. */
  readonly byUser: boolean;
  /** The next update writes its rows again, whether or not they change. */
  readonly rewrites: boolean;
  /**
   * Rows of the backend that are lost, left behind or written again: those that Sluice has written, and for an adoption
   * those that are there. 0 where the action touches none, null where nobody has counted, or nobody can.
   */
  readonly rows: number | null;
  /** Rows of sources that the next update processes for it; null where nobody has counted. */
  readonly sourceRows: number | null;
  /** The calls of `applySetupChange`, in order. */
  readonly changes: readonly { readonly previous: Json; readonly current: Json }[];
  /** Null when the connector is not defined in this process: the action cannot be done. */
  readonly connector: TargetDefinition | null;
}

/** What a source needs beside its rows, to be brought to a state. */
export interface SourceSetupAction {
  readonly verb: Extract<SetupVerb, "create" | "alter" | "drop" | "forget">;
  /** The source's name; for a drop, the name that it last had. */
  readonly name: string;
  readonly sourceKind: string;
  readonly key: Json;
  /** It in the connector's words. */
  readonly description: string;
  /** The calls of `applySetupChange`, in order. */
  readonly changes: readonly { readonly previous: Json; readonly current: Json }[];
  /** Null when the connector is not defined in this process: the action cannot be done. */
  readonly connector: SourceSetupDefinition | null;
}

/** A source that joined the flow, left it, or has another name. */
export interface SourceChange {
  readonly change: "added" | "renamed" | "removed";
  readonly id: SourceId;
  readonly name: string;
  /** What a renamed source was called before; null for the others. */
  readonly formerName: string | null;
  /**
   * Rows of it that are tracked: for a removed source those whose target rows the next update takes away, or hands
   * over to rows of other sources that yield the same keys. Null where nobody has counted.
   */
  readonly rows: number | null;
}

/**
 * create: made new. adopt: there already, and taken over. alter: changed, its data stays valid. rewrite: changed, and
 * its rows are written again. rebuild: dropped and made anew. release: its user alters and drops it from now on.
 * manage: Sluice does, and its user did. drop: removed with its data. forget: not known any more, and left as it is.
 */
export type SetupVerb =
  | "create"
  | "adopt"
  | "alter"
  | "rewrite"
  | "rebuild"
  | "release"
  | "manage"
  | "drop"
  | "forget";

/** Rows leave a target because their source left the flow: like the drop of a backend, that is to be agreed to. */
export function takesRowsAway(plan: SetupPlan): boolean {
  return plan.sourceChanges.some(({ change, rows }) => change === "removed" && rows !== 0);
}

/** Whether an update has to wait for a setup. */
export function isSetupNeeded(plan: SetupPlan): boolean {
  return changesOutside(plan) || takesRowsAway(plan);
}

/** Whether something is done to an outside system. */
export function changesOutside({ actions, sourceActions }: SetupPlan): boolean {
  return actions.length > 0 || sourceActions.length > 0;
}

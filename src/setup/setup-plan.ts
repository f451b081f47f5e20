import type { TargetId } from "../contracts/state-store.ts";
import type { Json, SetupVerdict, TargetDefinition } from "../contracts/target.ts";
import type { SetupRecord } from "./setup-record.ts";

/** What setup will do, as it is shown before it happens. */
export interface SetupPlan {
  readonly flow: string;
  readonly actions: readonly SetupAction[];
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
  /** The calls of `applySetupChange`, in order. */
  readonly changes: readonly { readonly previous: Json; readonly current: Json }[];
  /** Null when the connector is not defined in this process: the action cannot be done. */
  readonly connector: TargetDefinition | null;
}

/**
 * create: made new. alter: changed, its data stays valid. rewrite: changed, and its rows are written again.
 * rebuild: dropped and made anew. drop: removed with its data.
 */
export type SetupVerb = "create" | "alter" | "rewrite" | "rebuild" | "drop";

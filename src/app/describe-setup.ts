import type { Json } from "../contracts/target.ts";
import type { SetupPlan, SetupVerb, SourceChange, SourceSetupAction } from "../setup/index.ts";
import { takesRowsAway, unwrapState } from "../setup/index.ts";

export type { Json } from "../contracts/target.ts";
export type { SetupPlan, SetupVerb } from "../setup/index.ts";
export { isSetupNeeded } from "../setup/index.ts";

/** A setup plan as it is shown. */
export interface SetupDescription {
  readonly flow: string;
  readonly actions: readonly SetupActionDescription[];
  /** What becomes of that which sources need beside their rows. */
  readonly sourceActions: readonly SourceActionDescription[];
  readonly sources: readonly SourceChangeDescription[];
  /** Data of some backend will be lost, or the rows of a source that left taken out of it. */
  readonly destroys: boolean;
}

/** A source that joined the flow, left it, or has another name. */
export type SourceChangeDescription = Omit<SourceChange, "id">;

/** Something that a source needs beside its rows, such as a trigger, and what becomes of it. */
export interface SourceActionDescription {
  readonly verb: SourceSetupAction["verb"];
  readonly source: string;
  readonly sourceKind: string;
  /** It in the connector's words. */
  readonly description: string;
  /** The connector is not defined in this process, so that the action cannot be done. */
  readonly connectorMissing: boolean;
  /** The states that it may be in now, more than one after an interrupted setup. */
  readonly previous: readonly Json[];
  /** The state that it is to be in; null when it is to be absent. */
  readonly wanted: Json;
}

export interface SetupActionDescription {
  readonly verb: SetupVerb;
  readonly export: string;
  readonly targetKind: string;
  /** The backend in the connector's words. */
  readonly description: string;
  readonly destroys: boolean;
  /** The user does it; Sluice only records that it is done. */
  readonly byUser: boolean;
  /** The connector is not defined in this process, so that the action cannot be done. */
  readonly connectorMissing: boolean;
  /** Rows of the backend that are lost, written again or taken over; null where nobody can tell. */
  readonly rows: number | null;
  /** It could not be looked at, and may have to be made: for an adoption only. */
  readonly mayBeAbsent: boolean;
  /** The first complete update removes the rows that it holds and that no source yields: for an adoption only. */
  readonly removesLeftovers: boolean;
  /** Rows of sources that the next update processes for it. */
  readonly sourceRows: number | null;
  /**
   * The states that the backend may be in now, more than one after an interrupted setup: the connector's own, with
   * the connector's version and the primary key.
   */
  readonly previous: readonly Json[];
  /** The state that it is to be in; null when it is to be absent. */
  readonly wanted: Json;
}

/** What a plan will do, without what it will record. */
export function describeSetup(plan: SetupPlan): SetupDescription {
  const actions = plan.actions.map((action): SetupActionDescription => {
    const { verb, name, targetKind, description, destroys, byUser, connector, changes } = action;
    const { rows, sourceRows } = action;
    const previous = changes.flatMap((change) =>
      change.previous === null ? [] : [shownState(change.previous)],
    );
    const wanted = changes.at(-1)?.current ?? null;
    return {
      verb,
      export: name,
      targetKind,
      description,
      destroys,
      byUser,
      connectorMissing: connector === null && !byUser,
      rows,
      sourceRows,
      mayBeAbsent: verb === "adopt" && changes.some((change) => change.previous === null),
      removesLeftovers: verb === "adopt" && connector !== null && connector.readBack !== null,
      previous,
      wanted: wanted === null ? null : shownState(wanted),
    };
  });
  return {
    flow: plan.flow,
    actions,
    sourceActions: plan.sourceActions.map(describeSourceAction),
    sources: plan.sourceChanges.map(({ id: _id, ...change }) => change),
    destroys: actions.some(({ destroys }) => destroys) || takesRowsAway(plan),
  };
}

function describeSourceAction(action: SourceSetupAction): SourceActionDescription {
  const { verb, name, sourceKind, description, connector, changes } = action;
  return {
    verb,
    source: name,
    sourceKind,
    description,
    connectorMissing: connector === null,
    previous: changes.flatMap(({ previous }) => (previous === null ? [] : [previous])),
    wanted: changes.at(-1)?.current ?? null,
  };
}

function shownState(recorded: Json): Json {
  const { state, version, key } = unwrapState(recorded);
  const own = typeof state === "object" && state !== null && !Array.isArray(state) ? state : { state };
  return { ...own, "connector version": version, "primary key": key };
}

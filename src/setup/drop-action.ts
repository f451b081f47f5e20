import type { TargetDefinition } from "../contracts/target.ts";
import type { SetupAction } from "./setup-plan.ts";
import { possibleStates, type RecordedTarget } from "./setup-record.ts";

/** Finds the connector of a backend that no export of the plan uses any more. */
export type FindConnector = (kind: string) => TargetDefinition | null;

export interface Dropping {
  readonly findConnector: FindConnector;
  /** Lets go of backends whose connector is gone. */
  readonly forget: boolean;
}

/** The removal of a backend that the flow needs no more. */
export function dropAction(target: RecordedTarget, { findConnector, forget }: Dropping): SetupAction {
  const { id, name, kind, key, setupByUser } = target;
  const connector = findConnector(kind);
  const states = possibleStates(target).filter((state) => state !== null);
  const forgotten = forget && connector === null && !setupByUser;
  return {
    verb: forgotten ? "forget" : "drop",
    target: id,
    name,
    targetKind: kind,
    key,
    description: connector ? connector.describe(key) : `${kind} ${JSON.stringify(key)}`,
    verdict: "gone",
    destroys: !forgotten && !setupByUser && states.length > 0,
    byUser: setupByUser,
    rewrites: false,
    rows: null,
    sourceRows: null,
    changes: states.map((previous) => ({ previous, current: null })),
    connector,
  };
}

import type { TargetId } from "../contracts/state-store.ts";
import type { Fingerprint } from "../values/index.ts";

/**
 * The parts of a route's logic, each by itself: what tells of two logics which part of them differs. Digests are
 * shortened, since they are only compared with their like.
 */
export interface LogicParts {
  readonly source: { readonly kind: string; readonly version: Version; readonly spec: string };
  readonly rowTypes: string;
  /** The steps on the way with the names of the functions they call, whatever these do. */
  readonly steps: string;
  readonly functions: readonly FunctionParts[];
  readonly fields: string;
  readonly onDuplicateKey: string;
  /** Of the target; no part of the route's logic, but a change of it may count its schema version up. */
  readonly target: { readonly version: Version; readonly state: string };
}

/** All uses of one function on the way. */
export interface FunctionParts {
  readonly name: string;
  /** Null where a version stands for the code. */
  readonly code: string | null;
  readonly version: Version;
  readonly specs: string;
  readonly types: string;
  readonly sharedId: string | null;
}

type Version = number | string | null;

/** A logic that rows of a flow were made with, as setup keeps it: of one source to one export with its target. */
export interface KnownLogic {
  /** What the output records of rows say. */
  readonly logic: Fingerprint;
  /** The export's name at that time. */
  readonly export: string;
  readonly target: TargetId;
  readonly schemaVersion: number;
  readonly parts: LogicParts;
}

import type { SourceId, TargetId } from "../contracts/state-store.ts";
import type { KnownLogic } from "../plan/index.ts";
import type { Fingerprint } from "../values/index.ts";

/** What setup gave the sources and exports of a plan: what their rows are filed under. */
export interface Bindings {
  /** By source name. */
  readonly sources: ReadonlyMap<string, SourceId>;
  /** By export index. */
  readonly targets: readonly TargetBinding[];
  /** Sources that left the definition, whose rows are still tracked. */
  readonly gone: readonly GoneSource[];
  /** What is on record of the logics that rows were made with. */
  readonly logics: ReadonlyMap<Fingerprint, KnownLogic>;
  /** All sources in the order in which they win target keys; those that left the definition come last. */
  readonly order: readonly SourceId[];
  /** Targets with rows from before Sluice knew of them, which are to go where nobody yields them. */
  readonly adopted: readonly AdoptedTarget[];
  /** What must be made right in the owner indexes before rows are processed. */
  readonly overdue: {
    /** Targets whose index is to be made from the output records. */
    readonly build: readonly TargetId[];
    /** The order of sources has changed since the indexes were settled. */
    readonly reorder: boolean;
  };
}

export interface TargetBinding {
  readonly id: TargetId;
  /** Counts up whenever rows must be written again although their values are the same. */
  readonly schemaVersion: number;
  /** What is at the target is kept by target key, as several rows may claim one. */
  readonly indexed: boolean;
}

export interface AdoptedTarget {
  readonly target: TargetId;
  /** How many rows it held. */
  readonly rows: number;
}

export interface GoneSource {
  readonly id: SourceId;
  readonly name: string;
}

import type { FieldType } from "../values/value-type.ts";
import type { SchemaInput, SchemaOutput, ValueSchema } from "./schema.ts";

/** Plain data that JSON can say: what setup states and persistent keys are made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The fields of an export, in the order of its collector. */
export interface TargetSchema {
  readonly keyFields: readonly FieldType[];
  readonly valueFields: readonly FieldType[];
}

/** How vectors are compared. */
export type VectorMetric = "cosine" | "l2" | "innerProduct";

/** A vector index that a target is to have. */
export interface VectorIndex {
  readonly field: string;
  readonly metric: VectorMetric;
  /** An index method of the target, with its parameters; the target's default where left out. */
  readonly method?: { readonly kind: string; readonly [parameter: string]: Json };
}

/** A full-text index that a target is to have. */
export interface FtsIndex {
  readonly field: string;
  /** Parameters of the target. */
  readonly parameters?: { readonly [parameter: string]: Json };
}

/** The indexes that an export asks for. */
export interface TargetIndexes {
  readonly vector: readonly VectorIndex[];
  readonly fts: readonly FtsIndex[];
}

/** What an export is called. */
export interface ExportNames {
  readonly flow: string;
  /** The export's name; the former one where it was renamed with `renamedFrom`. */
  readonly targetName: string;
  /**
   * What to call a table, collection or directory that the spec gives no name: `flow__target`, with the app namespace
   * and `__` before it where there is one.
   */
  readonly defaultName: string;
}

/** What a setup state is made from. */
export interface SetupInput<Spec> extends ExportNames {
  readonly spec: Spec;
  readonly schema: TargetSchema;
  readonly indexes: TargetIndexes;
  /** Extra things that belong to the target, such as SQL statements; what they mean is the target's matter. */
  readonly attachments: readonly Json[];
}

/**
 * What a change of setup state means for the data already there: nothing to do; still valid; must be written
 * again; gone, since the backend is made anew.
 */
export type SetupVerdict = "unchanged" | "compatible" | "lossy" | "destructive";

/** What a target may use whenever it is called. */
export interface TargetContext {
  /** The absolute directory that relative paths of a spec resolve against. */
  readonly appDirectory: string;
  readonly signal: AbortSignal;
  /**
   * The number of the writer's lease, which grows from one holder of the flow to the next. A target that keeps the
   * greatest number that it has seen, and refuses a smaller one, is safe from a writer that was paused and wakes up
   * after another has taken the flow over.
   */
  readonly leaseNumber: number;
}

/** What a target may use when it looks at a backend that nobody need hold. */
export type InspectContext = Pick<TargetContext, "appDirectory" | "signal">;

/** What a target may use when it is prepared for one export. */
export interface PrepareContext extends TargetContext, ExportNames {
  readonly schema: TargetSchema;
  readonly indexes: TargetIndexes;
}

/** A change of a backend, from a state that it may be in to the one that it must be in. */
export interface SetupChange<State> {
  /** What `getPersistentKey` returned, as JSON. */
  readonly key: Json;
  /** A state that the backend may be in; null = absent. */
  readonly previous: State | null;
  /** The state to bring it to; null = absent. */
  readonly current: State | null;
}

/** One target row to write or delete. */
export interface Mutation<K, V> {
  readonly key: K;
  /** The row's value; null deletes it. */
  readonly value: V | null;
}

/** One row that a target holds. */
export interface TargetRow<K, V> {
  readonly key: K;
  readonly value: V;
}

/** Writes for one export. */
export interface MutationBatch<P, K, V> {
  /** What `prepare` resolved to; the spec where there is no `prepare`. */
  readonly target: P;
  readonly mutations: readonly Mutation<K, V>[];
}

/** What a target promises beyond what every target must hold; a test kit holds it to its word. */
export interface TargetCapabilities {
  /** A `mutate` that throws has applied nothing. */
  readonly atomic?: boolean;
  /** Writes with a smaller `leaseNumber` than an earlier one are refused. */
  readonly fenced?: boolean;
}

/** What users write to make a target. */
export interface TargetConfig<S extends ValueSchema, K extends ValueSchema, V extends ValueSchema, State, P> {
  /** Names the kind of target, unique among the targets of a process. */
  readonly kind: string;
  readonly spec: S;
  /**
   * What keys it takes: a struct, whose fields must be the primary key fields, or a single value for a primary
   * key of one field, which is then given bare. Left out, any primary key is taken and given as a struct.
   */
  readonly key?: K;
  /** What values it takes: a struct. Left out, any fields are taken. */
  readonly value?: V;
  /** Bump it when the same spec comes to mean other writes; every row is then written again. */
  readonly version?: number | string;
  /** What identifies the backend that a spec means, as plain data: two exports may not share it. */
  getPersistentKey(spec: SchemaOutput<S>, targetName: string, names: ExportNames): Json;
  /** The state that the backend must be in; it is stored and compared. The spec where left out. */
  setupState?(input: SetupInput<SchemaOutput<S>>): State;
  /** What going from one state to the other means. Left out, equal states are unchanged and all others lossy. */
  compare?(previous: NoInfer<State>, wanted: NoInfer<State>): SetupVerdict;
  /** The backend in words, for plans. */
  describe?(key: Json): string;
  /**
   * Brings the backend from `previous` to `current`. Idempotent: it is called again after a crash, and once for
   * each state that the backend may be in.
   */
  applySetupChange(change: SetupChange<NoInfer<State>>, context: TargetContext): void | Promise<void>;
  /**
   * The state that the backend is in now, for `setup --adopt` after a lost store; null where there is none. Changes
   * nothing. Left out, adoption takes the backend to be as it is wanted.
   */
  inspect?(key: Json, context: InspectContext): NoInfer<State> | null | Promise<NoInfer<State> | null>;
  /** Called once an update before any `mutate`; stands above `mutate`, so that its result is inferred. */
  prepare?(spec: SchemaOutput<S>, context: PrepareContext): P | Promise<P>;
  /**
   * Applies writes: many rows and every export of this kind in one call. Idempotent: any part of it may be
   * called again. Throwing means that any part may have been applied; an error whose code is
   * `target-unavailable` means that no other row would fare better.
   */
  mutate(
    batches: readonly MutationBatch<NoInfer<P>, SchemaOutput<K>, SchemaOutput<V>>[],
    context: TargetContext,
  ): void | Promise<void>;
  /**
   * Yields every row that the backend holds now, as `mutate` was given it, in pages of any length and order. Only
   * for verification: left out, `sluice verify` says that the target cannot be read back.
   */
  readBack?(
    target: NoInfer<P>,
    context: TargetContext,
  ):
    | AsyncIterable<readonly TargetRow<SchemaInput<K>, SchemaInput<V>>[]>
    | Iterable<readonly TargetRow<SchemaInput<K>, SchemaInput<V>>[]>;
  /** What it promises beyond what every target must hold. */
  readonly capabilities?: TargetCapabilities;
  /** Closes what `prepare` opened. */
  close?(target: NoInfer<P>): void | Promise<void>;
}

/** A target without its types, as setup and the engine see it. */
export interface TargetDefinition {
  readonly kind: string;
  readonly spec: ValueSchema;
  readonly key: ValueSchema | null;
  readonly value: ValueSchema | null;
  readonly version: number | string | null;
  getPersistentKey(spec: unknown, targetName: string, names: ExportNames): Json;
  setupState(input: SetupInput<unknown>): unknown;
  compare(previous: unknown, wanted: unknown): SetupVerdict;
  describe(key: Json): string;
  applySetupChange(change: SetupChange<unknown>, context: TargetContext): void | Promise<void>;
  /** Null where the target cannot tell what state a backend is in. */
  readonly inspect: ((key: Json, context: InspectContext) => unknown) | null;
  prepare(spec: unknown, context: PrepareContext): unknown;
  mutate(
    batches: readonly MutationBatch<unknown, unknown, unknown>[],
    context: TargetContext,
  ): void | Promise<void>;
  /** Null where the target cannot be read back. */
  readonly readBack:
    | ((
        target: unknown,
        context: TargetContext,
      ) =>
        | AsyncIterable<readonly TargetRow<unknown, unknown>[]>
        | Iterable<readonly TargetRow<unknown, unknown>[]>)
    | null;
  readonly capabilities: Required<TargetCapabilities>;
  close(target: unknown): void | Promise<void>;
}

declare const keyType: unique symbol;
declare const valueType: unique symbol;

/** A target as a flow uses it: its definition and the spec given. */
export interface TargetUse<K, V> {
  readonly kind: "target-use";
  readonly definition: TargetDefinition;
  /** The parsed spec. */
  readonly spec: unknown;
  readonly [keyType]: (key: K) => void;
  readonly [valueType]: (value: V) => void;
}

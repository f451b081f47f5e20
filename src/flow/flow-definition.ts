import type { CallSite } from "../contracts/call-site.ts";
import type { AnyFunctionUse, Inputs } from "../contracts/function.ts";
import type { SourceDefinition } from "../contracts/source.ts";
import type { Json, TargetDefinition, TargetIndexes } from "../contracts/target.ts";
import type { FieldType, TypeOfKind, ValueType } from "../values/index.ts";

/**
 * What a user wrote, as plain immutable data: the result of running the body of `defineFlow` once. Types are
 * inferred and every step was checked where it stands; what needs the whole flow is checked by the plan.
 */
export interface FlowDefinition {
  readonly name: string;
  readonly sources: readonly SourceStep[];
  readonly collectors: readonly CollectorDefinition[];
  readonly exports: readonly ExportDefinition[];
  /** The transform flows whose steps are among its own, those within others included. */
  readonly transformFlows: readonly TransformDefinition[];
  readonly callSite: CallSite | null;
}

/** A source and what happens to each of its rows. */
export interface SourceStep {
  readonly name: string;
  readonly definition: SourceDefinition;
  /** The parsed spec. */
  readonly spec: unknown;
  /** The type of the encoded row key: a struct, or the type of a single value. */
  readonly keyType: ValueType;
  /** The value's type: a struct. */
  readonly valueType: ValueType;
  /** Key fields, then value fields: the row as the flow sees it. */
  readonly rowFields: readonly FieldType[];
  readonly options: SourceOptions;
  /** The steps of `forEachRow`; its row slot holds the row as a struct. */
  readonly scope: Scope;
}

export interface SourceOptions {
  readonly refreshIntervalMs: number | null;
  readonly maxInflightRows: number | null;
  readonly maxInflightBytes: number | null;
  readonly renamedFrom: string | null;
}

/** What runs for each row of a source or of a table. */
export interface Scope {
  /** The slot that holds the row. Slots are numbered through a source, so that an inner scope sees the outer ones. */
  readonly rowSlot: number;
  /** In the order in which they can run. */
  readonly steps: readonly Step[];
}

export type Step = CallStep | EachStep | CollectStep | NameStep;

/** Calls a function and keeps its result in a slot. */
export interface CallStep {
  readonly kind: "call";
  readonly slot: number;
  readonly use: AnyFunctionUse;
  readonly arguments: readonly Argument[];
  /** The result's type, null included where an argument may make the call skip. */
  readonly type: ValueType;
}

export interface Argument {
  readonly name: string;
  readonly value: Expression;
  /** The input's type takes no null: a null given to it skips the call, which yields null. */
  readonly skipOnNull: boolean;
}

/** Runs a scope for each row of a table. */
export interface EachStep {
  readonly kind: "each";
  readonly table: Expression;
  readonly scope: Scope;
  readonly maxInflightRows: number | null;
  readonly maxInflightBytes: number | null;
}

/** Adds an entry to a collector. */
export interface CollectStep {
  readonly kind: "collect";
  /** Index in `FlowDefinition.collectors`. */
  readonly collector: number;
  /** In the order of the collector's fields. */
  readonly fields: readonly { readonly name: string; readonly value: Expression | GeneratedUuid }[];
}

/** Names a derived field, for show, evaluate, failures and explanations. */
export interface NameStep {
  readonly kind: "name";
  readonly name: string;
  readonly value: Expression;
}

/** Where a value comes from. */
export type Expression = SlotExpression | ConstantExpression;

/** A slot's value, or a field of it: a null on the way yields null. */
export interface SlotExpression {
  readonly kind: "slot";
  readonly slot: number;
  readonly path: readonly string[];
  readonly type: ValueType;
}

/** `value` is parsed and canonical. */
export interface ConstantExpression {
  readonly kind: "constant";
  readonly value: unknown;
  readonly type: ValueType;
}

/** An id that stays while the other values of the entry stay. */
export interface GeneratedUuid {
  readonly kind: "generatedUuid";
}

/** The part of a flow that others take in: calls that make one value of several. */
export interface TransformDefinition {
  readonly name: string;
  readonly inputs: Inputs;
  /** What slot 0 holds: a struct of the inputs. */
  readonly inputType: TypeOfKind<"struct"> & ValueType;
  /** Just the calls that the result needs. */
  readonly steps: readonly CallStep[];
  readonly slots: number;
  readonly result: SlotExpression;
  /** Those that it takes in itself. */
  readonly transformFlows: readonly TransformDefinition[];
  readonly callSite: CallSite | null;
}

export interface CollectorDefinition {
  /** In the order of the first `collect`; types are the least that take every entry. */
  readonly fields: readonly FieldType[];
}

export interface ExportDefinition {
  readonly name: string;
  /** Index in `FlowDefinition.collectors`. */
  readonly collector: number;
  readonly definition: TargetDefinition;
  /** The parsed spec. */
  readonly spec: unknown;
  readonly primaryKeyFields: readonly string[];
  readonly indexes: TargetIndexes;
  readonly attachments: readonly Json[];
  readonly setupByUser: boolean;
  readonly onDuplicateKey: "first" | "error";
  readonly renamedFrom: string | null;
}

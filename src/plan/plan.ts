import type { FunctionCode } from "../contracts/code-digest.ts";
import type { AnyFunctionUse } from "../contracts/function.ts";
import type { SourceDefinition } from "../contracts/source.ts";
import type { ExportNames, Json, TargetDefinition, TargetSchema } from "../contracts/target.ts";
import type { ExportDefinition, Scope, SourceStep, TransformDefinition } from "../flow/index.ts";
import type { Fingerprint, KeyCodec, ValueCodec, ValueType } from "../values/index.ts";
import type { LogicParts } from "./logic-parts.ts";

/** A flow ready to run: checked as a whole, with codecs made and logic fingerprinted. Holds nothing of any store. */
export interface Plan {
  readonly flow: string;
  readonly sources: readonly PlannedSource[];
  readonly exports: readonly PlannedExport[];
  readonly functions: readonly PlannedFunction[];
  /** Those whose steps are among its own. */
  readonly transformFlows: readonly TransformDefinition[];
}

export interface PlannedSource {
  readonly name: string;
  /** What generated ids are made from in place of the name: the former one of a renamed source. */
  readonly idName: string;
  readonly definition: SourceDefinition;
  readonly spec: unknown;
  readonly step: SourceStep;
  readonly keyCodec: KeyCodec;
  readonly valueCodec: ValueCodec;
  /** A row's key as text for people. */
  formatKey(key: unknown): string;
  /** The source's rows to the exports that they feed. */
  readonly routes: readonly Route[];
  /** How many slots the steps use. */
  readonly slots: number;
  /** The steps that feed these exports (indexes in `Plan.exports`), and no others. The same object for the same set. */
  programFor(exports: ReadonlySet<number>): Program;
  /** Every step, those included that only name something. */
  readonly wholeProgram: Program;
}

/** Steps to run for a row. */
export interface Program {
  readonly scope: Scope;
  /** The exports that each collector's entries go to, by collector index. */
  readonly exportsOf: readonly (readonly number[])[];
}

/** One source feeding one export. */
export interface Route {
  /** Index in `Plan.exports`. */
  readonly export: number;
  /** Covers the source, the steps between, the functions' code and the export's schema; not the target's state. */
  readonly logic: Fingerprint;
  /** The same in parts, to tell what has changed. */
  readonly parts: LogicParts;
  /** Functions on the way, as indexes in `Plan.functions`, sorted. */
  readonly functions: readonly number[];
}

/**
 * Why no two rows can yield one key of an export: it takes the whole key of one source's row, field by field
 * (primary key field, source key field); or an id that is made from the row.
 */
export type KeyOrigin =
  | {
      readonly kind: "row";
      readonly source: string;
      readonly fields: readonly (readonly [string, string])[];
    }
  | { readonly kind: "generated"; readonly fields: readonly string[] };

export interface PlannedExport {
  readonly name: string;
  /** What the target knows the export by: the former name of a renamed one, so that it keeps its backend. */
  readonly names: ExportNames;
  /** What generated ids are made from, where this is the first export of its collector. */
  readonly idName: string;
  readonly definition: TargetDefinition;
  readonly spec: unknown;
  readonly step: ExportDefinition;
  readonly schema: TargetSchema;
  /** The key of an entry: a struct of the primary key fields. */
  readonly keyType: ValueType;
  readonly keyCodec: KeyCodec;
  /** The rest of an entry: a struct of the other fields. */
  readonly valueType: ValueType;
  readonly valueCodec: ValueCodec;
  /** The key of an entry as text for people. */
  formatKey(key: unknown): string;
  /** Null where two rows may yield one key. */
  readonly keyOrigin: KeyOrigin | null;
  /** The target takes its one key field bare. */
  readonly bareKey: boolean;
  /** What value fingerprints start from, so that equal bytes under another schema differ. */
  readonly schemaFingerprint: Fingerprint;
  /** What identifies the backend. */
  readonly persistentKey: Json;
  /** The state that the backend must be in, with what else makes rows be written again. */
  readonly wantedState: Json;
}

export interface PlannedFunction {
  readonly name: string;
  readonly use: AnyFunctionUse;
  /** Null where a version stands for the code. */
  readonly code: FunctionCode | null;
  /** The spec of this use as plain data. */
  readonly plainSpec: unknown;
  /** Name, code or version, spec and types: what a memo is filed under, with the arguments. */
  readonly identity: Fingerprint;
  /** A struct of the inputs. */
  readonly inputType: ValueType;
  readonly inputCodec: ValueCodec;
  readonly outputType: ValueType;
  readonly outputCodec: ValueCodec;
}

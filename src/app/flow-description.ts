import type { Json, TargetIndexes } from "../contracts/target.ts";
import type { QueryHandlerInfo } from "./query-handler.ts";

/**
 * A flow in plain data, as `sluice show --json` prints it. Types are in Sluice's notation, such as
 * `{ filename: string, note?: string }`, where `?` behind a type means that it may be null.
 */
export interface FlowDescription {
  readonly name: string;
  readonly sources: readonly SourceDescription[];
  readonly functions: readonly FunctionDescription[];
  readonly exports: readonly ExportDescription[];
  readonly queryHandlers: readonly QueryHandlerInfo[];
}

export interface SourceDescription {
  readonly name: string;
  readonly kind: string;
  readonly version: string | number | null;
  readonly spec: Json;
  readonly keyType: string;
  readonly valueType: string;
  /** The row as the flow sees it: key fields, then value fields. */
  readonly rowFields: readonly FieldDescription[];
  /** Only those that were given. */
  readonly options: Readonly<Record<string, string | number>>;
  readonly steps: readonly StepDescription[];
}

export interface FieldDescription {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
}

export type StepDescription =
  | {
      readonly kind: "call";
      /** What later steps call the result: a derived field's name, else the function's. */
      readonly result: string;
      readonly function: string;
      readonly arguments: readonly {
        readonly name: string;
        readonly value: ValueDescription;
        /** A null given to it skips the call, which then yields null. */
        readonly skipOnNull: boolean;
      }[];
      readonly type: string;
    }
  | {
      readonly kind: "forEachRow";
      readonly table: string;
      /** What the steps call a row of it. */
      readonly row: string;
      readonly rowType: string;
      readonly steps: readonly StepDescription[];
    }
  | {
      readonly kind: "collect";
      /** The exports that the entry goes to. */
      readonly exports: readonly string[];
      readonly fields: readonly { readonly name: string; readonly value: ValueDescription }[];
    }
  | {
      readonly kind: "name";
      readonly name: string;
      readonly value: ValueDescription;
    };

export type ValueDescription =
  | { readonly kind: "slice"; readonly slice: string; readonly type: string }
  | { readonly kind: "constant"; readonly value: Json; readonly type: string }
  | { readonly kind: "generatedUuid" };

export interface FunctionDescription {
  readonly name: string;
  /** Null where the code counts. */
  readonly version: string | number | null;
  /** The fingerprint of its code; null where a version stands for it. */
  readonly code: string | null;
  /** `name@version` of the packages that its code reaches. */
  readonly packages: readonly string[];
  readonly spec: Json;
  readonly inputType: string;
  readonly outputType: string;
  readonly cache: boolean;
  readonly sharedId: string | null;
  readonly maxBatchSize: number | null;
  readonly concurrency: number | null;
  readonly timeoutMs: number | null;
  /** How often a call that fails is tried, the first time included; null where no option bounds the calls. */
  readonly attempts: number | null;
  readonly rateLimit: { readonly calls: number; readonly perMs: number } | null;
  readonly tokenLimit: { readonly tokens: number; readonly perMs: number } | null;
}

export interface ExportDescription {
  readonly name: string;
  readonly targetKind: string;
  /** The backend in the connector's words. */
  readonly description: string;
  /** What identifies the backend. */
  readonly key: Json;
  readonly version: string | number | null;
  readonly spec: Json;
  readonly primaryKeyFields: readonly FieldDescription[];
  readonly valueFields: readonly FieldDescription[];
  readonly indexes: TargetIndexes;
  readonly attachments: readonly Json[];
  readonly setupByUser: boolean;
  readonly onDuplicateKey: "first" | "error";
}

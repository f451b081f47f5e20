/**
 * The types of a flow as plain data. How each is represented in TypeScript:
 *
 * | kind | in TypeScript |
 * | --- | --- |
 * | boolean, string | `boolean`, `string` (well-formed Unicode) |
 * | bytes | `Uint8Array` |
 * | int | safe integer `number` |
 * | int64 | `bigint` in the signed 64-bit range |
 * | float32, float64 | `number`; −0 equals 0, all NaN are one |
 * | range | `[start, end]`, safe integers, start ≤ end |
 * | uuid, date, time, localDateTime, offsetDateTime, duration | canonical ISO text, branded where made by Sluice's schemas |
 * | json | any plain JSON value |
 * | vector | `Float32Array` or `Float64Array` |
 * | list, tuple, table | array |
 * | struct | plain object |
 * | union | whatever its options are |
 *
 * Any of them may be nullable (`null`).
 */
export type ValueType = (
  | { readonly kind: ScalarKind }
  | { readonly kind: "vector"; readonly element: "float32" | "float64"; readonly dimension: number | null }
  | { readonly kind: "list"; readonly element: ValueType }
  | { readonly kind: "tuple"; readonly items: readonly ValueType[] }
  | { readonly kind: "struct"; readonly fields: readonly FieldType[] }
  | TableType
  | { readonly kind: "union"; readonly options: readonly ValueType[] }
) & { readonly nullable: boolean };

export type ScalarKind =
  | "boolean"
  | "string"
  | "bytes"
  | "int"
  | "int64"
  | "float32"
  | "float64"
  | "range"
  | "uuid"
  | "date"
  | "time"
  | "localDateTime"
  | "offsetDateTime"
  | "duration"
  | "json";

/** Rows of one struct type; keyed where `keyFields` name the fields that identify a row within the table. */
export interface TableType {
  readonly kind: "table";
  readonly fields: readonly FieldType[];
  readonly keyFields: readonly string[] | null;
}

/**
 * A field of a struct or table row. An optional one may be absent; absence is kept apart from null where the type has
 * both. A slice of an optional field yields null where it is absent.
 */
export interface FieldType {
  readonly name: string;
  readonly type: ValueType;
  readonly optional: boolean;
}

export type TypeOfKind<Kind extends ValueType["kind"]> = Extract<ValueType, { kind: Kind }>;

/** Whether the type is one of the kinds that have no parts. */
export function isScalar(type: ValueType): type is ValueType & { readonly kind: ScalarKind } {
  return Object.hasOwn(scalarKinds, type.kind);
}

const scalarKinds: Readonly<Record<ScalarKind, true>> = {
  boolean: true,
  string: true,
  bytes: true,
  int: true,
  int64: true,
  float32: true,
  float64: true,
  range: true,
  uuid: true,
  date: true,
  time: true,
  localDateTime: true,
  offsetDateTime: true,
  duration: true,
  json: true,
};

import type { FieldType, ValueType } from "../../values/index.ts";

/** How vectors of fixed dimension are kept: in 32 bits a number, or in 16, which rounds. */
export type VectorStorage = "vector" | "halfvec";

/** What pgvector's `vector` and `halfvec` hold at most. */
const maxDimension = 16_000;

/** One kind of values, and the type of the columns that hold them, as `format_type` of Postgres names it. */
export interface ColumnMapping {
  readonly values: string;
  readonly column: string;
  /** How it reads in SQL, and what becomes different on the way; empty where nothing does. */
  readonly note: string;
}

/** The documented mapping; a test holds {@link columnType} to it. */
export const columnMappings: readonly ColumnMapping[] = [
  { values: "string", column: "text", note: "U+0000, which Postgres cannot hold, is left out" },
  { values: "boolean", column: "boolean", note: "" },
  { values: "int", column: "bigint", note: "" },
  { values: "int64", column: "bigint", note: "" },
  { values: "float32", column: "real", note: "NaN and the infinities too" },
  { values: "float64", column: "double precision", note: "NaN and the infinities too" },
  { values: "bytes", column: "bytea", note: "" },
  { values: "uuid", column: "uuid", note: "" },
  { values: "date", column: "date", note: "year 0000 is 1 BC" },
  { values: "time", column: "time without time zone", note: "rounded to microseconds" },
  { values: "localDateTime", column: "timestamp without time zone", note: "rounded to microseconds" },
  {
    values: "offsetDateTime",
    column: "timestamp with time zone",
    note: "the instant, rounded to microseconds: Postgres keeps no offset, so it reads back in UTC. `text` in a primary key, where two offsets are two rows",
  },
  {
    values: "duration",
    column: "interval",
    note: "rounded to microseconds, up to 292,000 years",
  },
  { values: "range", column: "bigint[]", note: "`location[1]` is the start, `location[2]` the end" },
  { values: "json", column: "jsonb", note: "U+0000 is left out; JSON's `null` is NULL" },
  {
    values: "vector of 32-bit floats, fixed dimension",
    column: "vector(n)",
    note: "`halfvec(n)` with `vectorType`; no NaN, no infinities; up to 16,000 dimensions",
  },
  { values: "other vectors", column: "jsonb", note: "an array of numbers" },
  { values: "list", column: "jsonb", note: "" },
  { values: "tuple", column: "jsonb", note: "" },
  { values: "struct", column: "jsonb", note: "" },
  { values: "table", column: "jsonb", note: "an array of objects" },
  { values: "union", column: "jsonb", note: "" },
];

const scalarColumns: Readonly<Partial<Record<ValueType["kind"], string>>> = Object.fromEntries(
  columnMappings.map(({ values, column }) => [values, column]),
);

/** What the type of a column follows from. */
export interface ColumnChoice {
  readonly isKey: boolean;
  readonly vectorType: VectorStorage;
  /** The user's own choice. */
  readonly given: string | undefined;
}

/** The type of the column that holds a field, as `format_type` of Postgres names it. */
export function columnType(field: FieldType, { isKey, vectorType, given }: ColumnChoice): string {
  if (given !== undefined) return canonicalType(given);
  const { type } = field;
  if (type.kind === "vector") return isNarrow(type) ? `${vectorType}(${type.dimension})` : "jsonb";
  if (isKey && type.kind === "offsetDateTime") return "text";
  return scalarColumns[type.kind] ?? "jsonb";
}

function isNarrow(type: ValueType & { readonly kind: "vector" }): boolean {
  const { element, dimension } = type;
  return element === "float32" && dimension !== null && dimension <= maxDimension;
}

/** The dimension that a column's type is declared with, null where it holds no vectors of pgvector. */
export function vectorColumn(
  type: string,
): { readonly kind: VectorStorage; readonly dimension: number } | null {
  const parts = /^(vector|halfvec)\((\d+)\)$/.exec(type);
  return parts && { kind: parts[1] as VectorStorage, dimension: Number(parts[2]) };
}

const aliases: Readonly<Record<string, string>> = {
  bool: "boolean",
  char: "character",
  decimal: "numeric",
  float: "double precision",
  float4: "real",
  float8: "double precision",
  int: "integer",
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  time: "time without time zone",
  timestamp: "timestamp without time zone",
  timestamptz: "timestamp with time zone",
  timetz: "time with time zone",
  varbit: "bit varying",
  varchar: "character varying",
};

/** The usual spellings of a type as the one that Postgres itself uses. */
function canonicalType(given: string): string {
  const text = given
    .trim()
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/ ?([(),[\]]) ?/g, "$1")
    .replace(/\)(?=[a-z])/, ") ");
  const name = /^[a-z0-9_]+/.exec(text)?.[0] ?? "";
  const rest = text.slice(name.length);
  const alias = aliases[name];
  if (alias === undefined || /^ (with|varying|precision)/.test(rest)) return text;
  // time(3) is `time(3) without time zone`.
  const [first, ...others] = alias.split(" ");
  return rest.startsWith("(") && name.startsWith("time")
    ? `${first}${/^\(\d+\)/.exec(rest)?.[0] ?? ""} ${others.join(" ")}`
    : alias + rest;
}

import type { ValueType } from "../../../values/index.ts";

type CompositeKind = "vector" | "list" | "struct" | "table" | "tuple" | "union";
type ScalarKind = Exclude<ValueType["kind"], CompositeKind>;

/** What the catalog says of a column's type; of a domain, that of the type below it. */
export interface SqlType {
  /** As SQL has it, such as `numeric(10,2)`. */
  readonly declared: string;
  /** What a parameter is cast to: without a length, which would cut it off. */
  readonly cast: string;
  /** The catalog's own name, such as `int8`. */
  readonly name: string;
  /** Of the catalog: `S` for text, `N` for numbers, `E` for enums, `A` for arrays. */
  readonly category: string;
  /** Of a vector: how many elements it has; null where it may have any number. */
  readonly dimension: number | null;
  /** Of an array: the type of its elements. */
  readonly element: SqlType | null;
}

/** How columns are read as one kind of value. */
export interface ColumnKind {
  accepts(type: SqlType): boolean;
  /**
   * SQL for the text of a column or another operand that is not NULL: the same whatever the settings of the session,
   * so that equal values are equal text.
   */
  text(operand: string, type: SqlType): string;
  /** The value of that text; what has none is left as it is, for the row to be refused with a reason. */
  decode(text: string): unknown;
}

const named =
  (...names: readonly string[]) =>
  ({ name }: SqlType) =>
    names.includes(name);

const whole = named("int2", "int4", "int8", "numeric");
const anyNumber = named("int2", "int4", "int8", "numeric", "float4", "float8");
const plain = (operand: string) => `${operand}::text`;
/** ISO 8601, whatever `DateStyle` says. */
const iso = (operand: string) => `to_jsonb(${operand}) #>> '{}'`;
const asIs = (text: string): unknown => text;

/** Text of everything whose text does not depend on the session. */
function hasPlainText({ category, name }: SqlType): boolean {
  if (name === "money") return false;
  return ["S", "E", "I", "N", "V"].includes(category) || ["uuid", "xml", "ltree"].includes(name);
}

const number: ColumnKind = { accepts: anyNumber, text: plain, decode: Number };
const jsonKind: ColumnKind = { accepts: named("json", "jsonb"), text: plain, decode: parseJson };

/** By the kind of value, those that a whole column can be. */
const scalarKinds: Readonly<Record<ScalarKind, ColumnKind>> = {
  boolean: { accepts: named("bool"), text: plain, decode: (text) => text === "true" },
  string: { accepts: hasPlainText, text: plain, decode: asIs },
  bytes: {
    accepts: named("bytea"),
    text: (operand) => `encode(${operand}, 'hex')`,
    decode: (text) => new Uint8Array(Buffer.from(text, "hex")),
  },
  int: { accepts: whole, text: plain, decode: asInteger },
  int64: { accepts: whole, text: plain, decode: (text) => (/^-?\d+$/.test(text) ? BigInt(text) : text) },
  float32: number,
  float64: number,
  range: {
    accepts: named("int4range", "int8range", "json", "jsonb"),
    text: (operand, { name }) =>
      name.startsWith("json")
        ? plain(operand)
        : `json_build_array(lower(${operand}), upper(${operand}))::text`,
    decode: parseJson,
  },
  uuid: { accepts: named("uuid"), text: plain, decode: asIs },
  date: { accepts: named("date"), text: iso, decode: asIs },
  time: { accepts: named("time"), text: plain, decode: asIs },
  localDateTime: { accepts: named("timestamp"), text: iso, decode: asIs },
  offsetDateTime: {
    accepts: named("timestamptz"),
    text: (operand) => `(to_jsonb(${operand} AT TIME ZONE 'UTC') #>> '{}') || 'Z'`,
    decode: asIs,
  },
  duration: { accepts: named("interval"), text: exactSeconds, decode: asDuration },
  json: jsonKind,
};

function asInteger(text: string): unknown {
  return Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

/** Years and months have no exact length: such an interval is left as it is, and refused. */
function exactSeconds(operand: string): string {
  const months = `extract(year from ${operand}) <> 0 OR extract(month from ${operand}) <> 0`;
  return `CASE WHEN ${months} THEN ${operand}::text ELSE extract(epoch from ${operand})::text END`;
}

function asDuration(text: string): unknown {
  if (!/^-?\d+(\.\d+)?$/.test(text)) return text;
  return text.startsWith("-") ? `-PT${text.slice(1)}S` : `PT${text}S`;
}

/** How a column is read as a type: as one of scalars, an array or a vector, or anything from JSON. */
export function columnKind(type: ValueType): ColumnKind {
  switch (type.kind) {
    case "vector":
      return vectorKind;
    case "list":
      return listKind(type.element);
    case "struct":
    case "table":
    case "tuple":
    case "union":
      return jsonKind;
    default:
      return scalarKinds[type.kind];
  }
}

const floats: ColumnKind = listKind({ kind: "float64", nullable: false });

const vectorKind: ColumnKind = {
  accepts: (type) => isVector(type) || floats.accepts(type),
  text: (operand, type) => (isVector(type) ? plain(operand) : floats.text(operand, type)),
  decode: floats.decode,
};

function isVector({ name }: SqlType): boolean {
  return name === "vector" || name === "halfvec";
}

/** From an array, whose elements come as text, so that none loses digits; or from JSON. */
function listKind(element: ValueType): ColumnKind {
  const of = columnKind(element);
  const isArrayOfIt = ({ element: inner }: SqlType) => inner !== null && of.accepts(inner);
  return {
    accepts: (type) => jsonKind.accepts(type) || isArrayOfIt(type),
    text(operand, type) {
      if (!isArrayOfIt(type)) return plain(operand);
      const items = `SELECT ${of.text("item", type.element!)} FROM unnest(${operand}) WITH ORDINALITY AS items(item, n) ORDER BY n`;
      // An array of several dimensions would come apart into one: it is told, and the row refused.
      return `CASE WHEN array_ndims(${operand}) > 1 THEN json_build_object('dimensions', array_ndims(${operand})) ELSE json_build_object('items', ARRAY(${items})) END::text`;
    },
    decode(text) {
      const found = parseJson(text) as { readonly items?: readonly (string | null)[] } | readonly unknown[];
      if (Array.isArray(found)) return found;
      const { items } = found as { readonly items?: readonly (string | null)[] };
      return items === undefined ? found : items.map((item) => (item === null ? null : of.decode(item)));
    },
  };
}

function parseJson(text: string): unknown {
  return JSON.parse(text) as unknown;
}

/** The schema to give to a column of a type, for hints. */
export function schemaFor({ name, category, element, dimension }: SqlType): string {
  if (name === "vector" || name === "halfvec") return `vector(${dimension ?? "n"})`;
  if (category === "A" && element) return `z.array(${schemaFor(element)})`;
  return schemas[name] ?? "z.string()";
}

const schemas: Readonly<Record<string, string>> = {
  bool: "z.boolean()",
  bytea: "bytes()",
  date: "date()",
  float4: "float32()",
  float8: "z.number()",
  int2: "z.int()",
  int4: "z.int()",
  int8: "int64() or z.int()",
  interval: "duration()",
  json: "json()",
  jsonb: "json() or z.object({…})",
  numeric: "z.string() or z.number()",
  time: "time()",
  timestamp: "localDateTime()",
  timestamptz: "offsetDateTime()",
  uuid: "uuid()",
};

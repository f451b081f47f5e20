import { fromJsonForm, toJsonForm, type ValueType } from "../../values/index.ts";
import { arrowType } from "./arrow-fields.ts";
import type { LanceColumn } from "./lance-column.ts";
import type { Arrow, ArrowVector } from "./lance-package.ts";

type Floats = Float32Array | Float64Array;

const exactText = new TextDecoder("utf-8", { ignoreBOM: true });

/** The values of a column as Arrow has them; null and undefined are null. */
export function arrowVector(arrow: Arrow, column: LanceColumn, values: readonly unknown[]): ArrowVector {
  const { type } = column;
  if (type.kind === "Vector") {
    return denseVectors(arrow, column, values as readonly (Floats | null | undefined)[]);
  }
  const parts = values.map((value) => (value === null || value === undefined ? null : toPart(column, value)));
  return arrow.vectorFromArray(parts, arrowType(arrow, type));
}

function toPart({ type, field }: LanceColumn, value: unknown): unknown {
  switch (type.kind) {
    case "JSON":
      return jsonText(field.type, value);
    case "Int64":
      return BigInt(value as number | bigint);
    case "List":
      return type.element === "Int64"
        ? Array.from(value as (number | bigint | null)[], (part) => (part === null ? null : BigInt(part)))
        : Array.from(value as unknown[]);
    case "Vectors":
      return (value as Floats[]).map((vector) => Array.from(vector));
    default:
      return value;
  }
}

/** The value of a key field as it stands in a predicate. */
export function keyLiteral({ type, field }: LanceColumn, value: unknown): string {
  if (type.kind === "Int64") return String(value);
  if (type.kind === "Bool") return value === true ? "true" : "false";
  const text = type.kind === "JSON" ? jsonText(field.type, value) : String(value);
  return `'${text.replaceAll("'", "''")}'`;
}

/** A value as it is given to others, from what a row of a column holds; text comes as bytes. */
export function fromArrow({ type, field }: LanceColumn, held: unknown): unknown {
  if (held === null || held === undefined) return null;
  switch (type.kind) {
    case "JSON":
      return fromJsonForm(field.type, JSON.parse(held as string));
    case "Utf8":
      return exactText.decode(held as Uint8Array);
    case "Int64":
      return integer(field.type, held as bigint);
    case "Binary":
      return Uint8Array.from(held as Uint8Array);
    case "Vector":
      return floats(type.element, held as Iterable<number>);
    case "Vectors":
      return Array.from(held as Iterable<Iterable<number>>, (vector) => floats(type.element, vector));
    case "List":
      return fromList(field.type, held as Iterable<unknown>);
    default:
      return held;
  }
}

function fromList(type: ValueType, held: Iterable<unknown>): unknown {
  if (type.kind === "vector") {
    return floats(type.element === "float32" ? "Float32" : "Float64", held as Iterable<number>);
  }
  const element = (type as Extract<ValueType, { kind: "list" }>).element;
  return Array.from(held, (part) => {
    if (part instanceof Uint8Array) return exactText.decode(part);
    return typeof part === "bigint" ? integer(element, part) : part;
  });
}

function integer({ kind }: ValueType, held: bigint): number | bigint {
  return kind === "int64" ? held : Number(held);
}

function floats(element: "Float32" | "Float64", held: Iterable<number>): Floats {
  return element === "Float32" ? Float32Array.from(held) : Float64Array.from(held);
}

/** Equal values are equal text: −0 is 0, and members stand in the order of the type. */
function jsonText(type: ValueType, value: unknown): string {
  return JSON.stringify(toJsonForm(type, value));
}

/** Vectors are most of what is written: they are copied as they are, rather than number by number. */
function denseVectors(
  arrow: Arrow,
  { type }: LanceColumn,
  values: readonly (Floats | null | undefined)[],
): ArrowVector {
  if (type.kind !== "Vector") throw new TypeError("no column of vectors");
  const { dimension, element } = type;
  const length = values.length * dimension;
  const data = element === "Float32" ? new Float32Array(length) : new Float64Array(length);
  const valid = new Uint8Array((values.length + 7) >> 3);
  let nulls = 0;
  values.forEach((vector, i) => {
    if (!vector) {
      nulls += 1;
      return;
    }
    data.set(vector, i * dimension);
    valid[i >> 3]! |= 1 << (i & 7);
  });
  const child = arrow.makeData({ type: new arrow[element](), length, nullCount: 0, data });
  const nullable = nulls === 0 ? {} : { nullCount: nulls, nullBitmap: valid };
  return new arrow.Vector([
    arrow.makeData({ type: arrowType(arrow, type), length: values.length, child, ...nullable }),
  ]);
}

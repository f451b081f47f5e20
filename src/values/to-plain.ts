import { bytesToMapKey } from "../kernel/bytes.ts";
import { isBytes } from "./normalize-scalar.ts";
import { fieldReader, type PlainObject, setOwn } from "./own-property.ts";
import type { FieldType, ValueType } from "./value-type.ts";

/**
 * A canonical value as JSON and YAML can write it: bytes as base64 text, vectors as arrays (numbers of 32 bits with
 * the fewest digits that say them), bigints as decimal text. NaN and the infinities stay numbers: YAML writes them,
 * JSON writes null.
 */
export function toPlain(type: ValueType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case "bytes":
      return btoa(bytesToMapKey(value as Uint8Array));
    case "int64":
      return String(value);
    case "float32":
      return fewestDigits(value as number);
    case "vector":
      return plainVector(value as Float32Array | Float64Array);
    case "list":
      return (value as unknown[]).map((element) => toPlain(type.element, element));
    case "tuple":
      return type.items.map((item, i) => toPlain(item, (value as unknown[])[i]));
    case "struct":
      return plainFields(type.fields, value as PlainObject);
    case "table":
      return (value as PlainObject[]).map((row) => plainFields(type.fields, row));
    case "union":
      return plainAny(value);
    default:
      return value;
  }
}

function plainFields(fields: readonly FieldType[], struct: PlainObject): PlainObject {
  const plain: PlainObject = {};
  for (const { name, type } of fields) {
    const value = fieldReader(name)(struct);
    if (value !== undefined) setOwn(plain, name, toPlain(type, value));
  }
  return plain;
}

/** A value of a union, by what it is. */
function plainAny(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (isBytes(value)) return btoa(bytesToMapKey(value));
  if (ArrayBuffer.isView(value)) return plainVector(value as Float32Array | Float64Array);
  if (Array.isArray(value)) return value.map(plainAny);
  const plain: PlainObject = {};
  for (const [name, member] of Object.entries(value)) setOwn(plain, name, plainAny(member));
  return plain;
}

function plainVector(vector: Float32Array | Float64Array): number[] {
  return vector.BYTES_PER_ELEMENT === 4 ? Array.from(vector, fewestDigits) : Array.from(vector);
}

/** 0.1 rather than 0.10000000149011612: nine digits tell any two numbers of 32 bits apart, and often fewer do. */
function fewestDigits(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

import type { ByteReader } from "./byte-reader.ts";
import { damaged } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { compareText } from "./compare-text.ts";
import { maxDepth } from "./normalize-json.ts";
import { isBytes } from "./normalize-scalar.ts";
import { type PlainObject, setOwn } from "./own-property.ts";
import { readBytes, readDouble, readVector, writeBytes, writeDouble, writeVector } from "./plain-part.ts";

// Values that say themselves what they are: one byte of kind, then the content. Equal values have one form each.
const tag = {
  null: 0,
  false: 1,
  true: 2,
  integer: 3,
  number: 4,
  text: 5,
  bigint: 6,
  bytes: 7,
  float32: 8,
  float64: 9,
  array: 10,
  object: 11,
} as const;

/** Writes a canonical value of a JSON or union type. */
export function writeSelfDescribing(writer: ByteWriter, value: unknown): void {
  switch (typeof value) {
    case "string":
      writer.u8(tag.text);
      writer.text(value);
      break;
    case "number":
      writeNumber(writer, value);
      break;
    case "boolean":
      writer.u8(value ? tag.true : tag.false);
      break;
    case "bigint":
      writeBigint(writer, value);
      break;
    default:
      if (value === null) writer.u8(tag.null);
      else writeObject(writer, value);
  }
}

function writeNumber(writer: ByteWriter, value: number): void {
  const isInteger = Number.isSafeInteger(value);
  writer.u8(isInteger ? tag.integer : tag.number);
  if (isInteger) writer.varint(value);
  else writeDouble(writer, value);
}

function writeBigint(writer: ByteWriter, value: bigint): void {
  writer.u8(tag.bigint);
  const at = writer.claim(8);
  writer.view.setBigInt64(at, value);
}

function writeObject(writer: ByteWriter, value: unknown): void {
  if (Array.isArray(value)) writeArray(writer, value);
  else if (isBytes(value)) {
    writer.u8(tag.bytes);
    writeBytes(writer, value);
  } else if (ArrayBuffer.isView(value)) {
    const vector = value as Float32Array | Float64Array;
    writer.u8(vector.BYTES_PER_ELEMENT === 4 ? tag.float32 : tag.float64);
    writeVector(writer, vector);
  } else writeMembers(writer, value as PlainObject);
}

function writeArray(writer: ByteWriter, array: readonly unknown[]): void {
  writer.u8(tag.array);
  writer.varuint(array.length);
  for (const element of array) writeSelfDescribing(writer, element);
}

function writeMembers(writer: ByteWriter, object: PlainObject): void {
  const names = Object.keys(object).sort(compareText);
  writer.u8(tag.object);
  writer.varuint(names.length);
  for (const name of names) {
    writer.text(name);
    writeSelfDescribing(writer, object[name]);
  }
}

/** Reads what {@link writeSelfDescribing} wrote; `onlyJson` where nothing but JSON may be there. */
export function readSelfDescribing(reader: ByteReader, onlyJson: boolean): unknown {
  const kind = reader.u8();
  if (onlyJson && kind >= tag.bigint && kind <= tag.float64) throw damaged("JSON holds what is not JSON");
  switch (kind) {
    case tag.null:
      return null;
    case tag.false:
    case tag.true:
      return kind === tag.true;
    case tag.integer:
      return reader.varint();
    case tag.number:
      return readNumber(reader, onlyJson);
    case tag.text:
      return reader.text();
    case tag.bigint:
      return reader.view.getBigInt64(reader.claim(8));
    case tag.bytes:
      return readBytes(reader);
    case tag.float32:
    case tag.float64:
      return readVector(reader, kind === tag.float32 ? "float32" : "float64");
    case tag.array:
    case tag.object:
      return readNested(reader, kind === tag.array ? readArray : readObject, onlyJson);
    default:
      throw damaged(`there is no kind ${kind} of value`);
  }
}

/**
 * Bounds the depth, so that damaged bytes cannot exhaust the stack; above what can be written, for around JSON may
 * stand the lists and structs of a union's option.
 */
function readNested(
  reader: ByteReader,
  read: typeof readArray | typeof readObject,
  onlyJson: boolean,
): unknown {
  if (++reader.depth > 2 * maxDepth) throw damaged("it is nested too deep");
  const value = read(reader, onlyJson);
  reader.depth--;
  return value;
}

function readNumber(reader: ByteReader, onlyFinite: boolean): number {
  const value = readDouble(reader);
  if (Number.isSafeInteger(value) || (onlyFinite && !Number.isFinite(value))) {
    throw damaged("a number is not in its one form");
  }
  return value;
}

function readArray(reader: ByteReader, onlyJson: boolean): unknown[] {
  const array: unknown[] = [];
  for (let left = reader.count(); left > 0; left--) array.push(readSelfDescribing(reader, onlyJson));
  return array;
}

function readObject(reader: ByteReader, onlyJson: boolean): PlainObject {
  const object: PlainObject = {};
  let previous: string | null = null;
  for (let left = reader.count(2); left > 0; left--) {
    const name = reader.text();
    if (previous !== null && compareText(previous, name) >= 0) throw damaged("names are not in their order");
    setOwn(object, name, readSelfDescribing(reader, onlyJson));
    previous = name;
  }
  return object;
}

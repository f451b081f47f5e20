import { SluiceError } from "../errors/index.ts";
import { ByteReader, damaged, decodeText } from "./byte-reader.ts";
import { type ByteWriter, encoderOf } from "./byte-writer.ts";
import { keyTypeProblem } from "./key-type-problem.ts";
import { expected, type Misfit } from "./misfit.ts";
import { isBytes, roundToFloat32 } from "./normalize-scalar.ts";
import * as ordered from "./ordered-number.ts";
import { fieldReader, type PlainObject, setOwn } from "./own-property.ts";
import { formatType } from "./signature.ts";
import { type TextKind, textForms } from "./text-form.ts";
import type { ScalarKind, TypeOfKind, ValueType } from "./value-type.ts";

/** Encodes keys of one type so that the order of the bytes is the order of the keys. */
export interface KeyCodec {
  /** The bytes of a key; none is the beginning of another's. Throws SluiceError `value-invalid` where it does not fit. */
  encode(key: unknown): Uint8Array;
  /** The canonical key of bytes that `encode` made. Throws SluiceError `store-damaged` for any others. */
  decode(bytes: Uint8Array): unknown;
}

/**
 * Compiles the codec of keys of a type. Their order: null first; false before true; numbers by size and NaN last;
 * texts by UTF-8 and bytes bytewise, a beginning before what goes on; UUIDs by their digits; dates and times by
 * time, with an offset by instant and then by offset; durations by length; ranges by start, then end; tuples item
 * by item; structs field by field, **in the order in which the type declares them**.
 *
 * Throws SluiceError `key-invalid` for a type that has no keys, see {@link keyTypeProblem}.
 */
export function keyCodec(type: ValueType): KeyCodec {
  const problem = keyTypeProblem(type);
  if (problem !== null)
    throw new SluiceError("key-invalid", `${formatType(type)} cannot be a key: ${problem}.`);
  const { write, read } = compilePart(type);
  return {
    encode: encoderOf(write),
    decode(bytes) {
      const reader = new ByteReader(bytes);
      const key = read(reader);
      reader.end();
      return key;
    },
  };
}

interface Part {
  write(writer: ByteWriter, value: unknown): void;
  read(reader: ByteReader): unknown;
}

function compilePart(type: ValueType): Part {
  const part = compileNonNull(type);
  if (!type.nullable) return part;
  return {
    write(writer, value) {
      const isNull = value === null || value === undefined;
      writer.u8(isNull ? 0 : 1);
      if (!isNull) part.write(writer, value);
    },
    read: (reader) => (reader.flag() ? part.read(reader) : null),
  };
}

function compileNonNull(type: ValueType): Part {
  switch (type.kind) {
    case "tuple":
      return tuplePart(type.items.map(compilePart));
    case "struct":
      return structPart(type);
    case "vector":
    case "list":
    case "table":
    case "union":
    case "json":
      throw new TypeError(`a ${type.kind} cannot be a key`);
    case "boolean":
      return booleanPart;
    case "string":
      return stringPart;
    case "bytes":
      return bytesPart;
    case "range":
      return rangePart;
    case "int":
    case "int64":
    case "float32":
    case "float64":
      return numberParts[type.kind];
    default:
      return textPart(type.kind);
  }
}

function tuplePart(items: readonly Part[]): Part {
  return {
    write(writer, value) {
      if (!Array.isArray(value) || value.length > items.length)
        throw misfit(`an array of ${items.length}`, value);
      for (let i = 0; i < items.length; i++) items[i]!.write(writer, value[i]);
    },
    read: (reader) => items.map((item) => item.read(reader)),
  };
}

function structPart(type: TypeOfKind<"struct">): Part {
  const fields = type.fields.map(({ name, type }) => ({
    name,
    get: fieldReader(name),
    part: compilePart(type),
  }));
  return {
    write(writer, value) {
      if (typeof value !== "object" || value === null) throw misfit("an object", value);
      for (const { get, part } of fields) part.write(writer, get(value as PlainObject));
    },
    read(reader) {
      const key: PlainObject = {};
      for (const { name, part } of fields) setOwn(key, name, part.read(reader));
      return key;
    },
  };
}

const booleanPart: Part = {
  write(writer, value) {
    if (typeof value !== "boolean") throw misfit("a boolean", value);
    writer.u8(value ? 1 : 0);
  },
  read: (reader) => reader.flag(),
};

const stringPart: Part = {
  write(writer, value) {
    if (typeof value !== "string") throw misfit("a string", value);
    const from = writer.length;
    writer.rawText(value);
    terminate(writer, from);
  },
  read: (reader) => decodeText(readTerminated(reader)),
};

const bytesPart: Part = {
  write(writer, value) {
    if (!isBytes(value)) throw misfit("bytes", value);
    const from = writer.length;
    writer.raw(value);
    terminate(writer, from);
  },
  read: readTerminated,
};

const rangePart: Part = {
  write(writer, value) {
    const [start, end]: unknown[] = Array.isArray(value) && value.length === 2 ? value : [];
    if (!isInt(start) || !isInt(end) || start > end) throw misfit("a range", value);
    ordered.writeSafeInt(writer, start);
    ordered.writeSafeInt(writer, end);
  },
  read(reader) {
    const range = [ordered.readSafeInt(reader), ordered.readSafeInt(reader)] as const;
    if (range[0] > range[1]) throw damaged("a range ends before it starts");
    return range;
  },
};

const numberParts: Readonly<Record<"int" | "int64" | "float32" | "float64", Part>> = {
  int: {
    write(writer, value) {
      if (!isInt(value)) throw misfit("an integer", value);
      ordered.writeSafeInt(writer, value);
    },
    read: ordered.readSafeInt,
  },
  int64: {
    write(writer, value) {
      if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value)
        throw misfit("a bigint of 64 bits", value);
      ordered.writeInt64(writer, value);
    },
    read: ordered.readInt64,
  },
  float32: {
    write(writer, value) {
      const rounded = typeof value === "number" ? roundToFloat32(value) : null;
      if (typeof rounded !== "number") throw misfit("a float32", value);
      ordered.writeFloat32(writer, rounded);
    },
    read: ordered.readFloat32,
  },
  float64: {
    write(writer, value) {
      if (typeof value !== "number") throw misfit("a number", value);
      ordered.writeFloat64(writer, value);
    },
    read: ordered.readFloat64,
  },
};

function textPart(kind: TextKind & ScalarKind): Part {
  const form = textForms[kind];
  return {
    write(writer, value) {
      if (typeof value !== "string") throw misfit(`the text of a ${kind}`, value);
      const problem = form.write(writer, value);
      if (problem !== null) throw invalid(problem);
    },
    read: form.read,
  };
}

/**
 * Ends what was written from `from` on with a 0, so that a beginning sorts first whatever comes next. A 0 within
 * becomes 1 1 and a 1 becomes 1 2, which keeps the order and leaves 0 to the end alone.
 */
function terminate(writer: ByteWriter, from: number): void {
  const end = writer.length;
  let escaped = 0;
  for (let i = from; i < end; i++) if (writer.bytes[i]! <= 1) escaped++;
  writer.claim(escaped + 1);
  const { bytes } = writer;
  let to = writer.length - 1;
  bytes[to] = 0;
  if (escaped === 0) return;
  for (let i = end - 1; i >= from; i--) {
    const byte = bytes[i]!;
    bytes[--to] = byte <= 1 ? byte + 1 : byte;
    if (byte <= 1) bytes[--to] = 1;
  }
}

function readTerminated(reader: ByteReader): Uint8Array {
  const end = reader.bytes.indexOf(0, reader.at);
  if (end < 0) throw damaged("it ends too early");
  const content = reader.raw(end - reader.at);
  reader.claim(1);
  let to = content.indexOf(1);
  if (to < 0) return content;
  for (let i = to; i < content.length; i++) {
    if (content[i] !== 1) content[to++] = content[i]!;
    else content[to++] = unescaped(content[++i]);
  }
  return content.slice(0, to);
}

function unescaped(byte: number | undefined): number {
  if (byte !== 1 && byte !== 2) throw damaged("a byte is escaped that need not be");
  return byte - 1;
}

function isInt(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function misfit(what: string, value: unknown): SluiceError {
  return invalid(expected(what, value));
}

function invalid(problem: Misfit): SluiceError {
  return new SluiceError("value-invalid", `A key does not fit its type: ${problem}.`);
}

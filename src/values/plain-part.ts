import type { ByteReader } from "./byte-reader.ts";
import { damaged } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { bytesAsWritten, hasOneForm } from "./float32-words.ts";

// The encodings that typed and self-describing values share.

const nan32 = 0x7fc00000;
const nan64 = 0x7ff8000000000000n;

/** Eight bytes, little-endian; −0 is written as 0 and NaN as one of its many forms. */
export function writeDouble(writer: ByteWriter, value: number): void {
  const at = writer.claim(8);
  if (!Number.isNaN(value)) writer.view.setFloat64(at, value + 0, true);
  else writer.view.setBigUint64(at, nan64, true);
}

export function readDouble(reader: ByteReader): number {
  return oneForm(reader.view.getFloat64(reader.claim(8), true));
}

/** As {@link writeDouble}, in four bytes. */
export function writeSingle(writer: ByteWriter, value: number): void {
  const at = writer.claim(4);
  if (!Number.isNaN(value)) writer.view.setFloat32(at, value + 0, true);
  else writer.view.setUint32(at, nan32, true);
}

export function readSingle(reader: ByteReader): number {
  return oneForm(reader.view.getFloat32(reader.claim(4), true));
}

export function writeBytes(writer: ByteWriter, bytes: Uint8Array): void {
  writer.varuint(bytes.length);
  writer.raw(bytes);
}

export function readBytes(reader: ByteReader): Uint8Array {
  return reader.raw(reader.count());
}

/** The count of numbers, then each as a float of its size. */
export function writeVector(writer: ByteWriter, vector: Float32Array | Float64Array): void {
  writer.varuint(vector.length);
  if (vector.BYTES_PER_ELEMENT === 4) writeSingles(writer, vector as Float32Array);
  else for (const number of vector) writeDouble(writer, number);
}

/** One by one where memory has not what is written. */
function writeSingles(writer: ByteWriter, vector: Float32Array): void {
  const bytes = hasOneForm(vector) ? bytesAsWritten(vector) : null;
  if (bytes !== null) {
    writer.raw(bytes);
    return;
  }
  const at = writer.claim(vector.length * 4);
  const { view } = writer;
  for (let i = 0; i < vector.length; i++) {
    const number = vector[i]!;
    if (!Number.isNaN(number)) view.setFloat32(at + i * 4, number + 0, true);
    else view.setUint32(at + i * 4, nan32, true);
  }
}

/** A vector with memory of its own, wherever it lay in what was read. */
export function readVector(reader: ByteReader, element: "float32" | "float64"): Float32Array | Float64Array {
  const size = element === "float32" ? 4 : 8;
  const count = reader.count(size);
  const at = reader.claim(count * size);
  const { view } = reader;
  const vector = element === "float32" ? new Float32Array(count) : new Float64Array(count);
  const bytes = size === 4 ? bytesAsWritten(vector as Float32Array) : null;
  if (bytes !== null) {
    bytes.set(reader.bytes.subarray(at, at + bytes.length));
    return vector;
  }
  for (let i = 0; i < count; i++) {
    vector[i] = size === 4 ? view.getFloat32(at + i * 4, true) : view.getFloat64(at + i * 8, true);
  }
  return vector;
}

function oneForm(value: number): number {
  if (Object.is(value, -0)) throw damaged("a number is not in its one form");
  return value;
}

import { type ByteReader, damaged } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

// Numbers of a fixed length whose byte order is their order.

const half = 2 ** 32;
const highBias = 2 ** 22;

export function writeUint24(writer: ByteWriter, value: number): void {
  const at = writer.claim(3);
  writer.view.setUint8(at, value >>> 16);
  writer.view.setUint16(at + 1, value & 0xffff);
}

export function readUint24(reader: ByteReader): number {
  const at = reader.claim(3);
  return reader.view.getUint8(at) * 0x10000 + reader.view.getUint16(at + 1);
}

export function writeUint48(writer: ByteWriter, value: number): void {
  const at = writer.claim(6);
  writer.view.setUint16(at, Math.floor(value / half));
  writer.view.setUint32(at + 2, value % half);
}

export function readUint48(reader: ByteReader): number {
  const at = reader.claim(6);
  return reader.view.getUint16(at) * half + reader.view.getUint32(at + 2);
}

/** A safe integer in 7 bytes. Its high part is biased apart from the low one: the whole, biased, is no safe integer. */
export function writeSafeInt(writer: ByteWriter, value: number): void {
  const high = Math.floor(value / half);
  writeUint24(writer, high + highBias);
  const at = writer.claim(4);
  writer.view.setUint32(at, value - high * half);
}

export function readSafeInt(reader: ByteReader): number {
  const high = readUint24(reader) - highBias;
  const value = high * half + reader.view.getUint32(reader.claim(4));
  if (!Number.isSafeInteger(value)) throw damaged("an integer is out of range");
  return value;
}

export function writeInt64(writer: ByteWriter, value: bigint): void {
  const at = writer.claim(8);
  writer.view.setBigUint64(at, BigInt.asUintN(64, value) ^ signBit64);
}

export function readInt64(reader: ByteReader): bigint {
  return BigInt.asIntN(64, reader.view.getBigUint64(reader.claim(8)) ^ signBit64);
}

/** The bits of a positive number with the sign bit set, of a negative one inverted; NaN comes after everything. */
export function writeFloat64(writer: ByteWriter, value: number): void {
  const at = writer.claim(8);
  writer.view.setFloat64(at, value + 0);
  const bits = writer.view.getBigUint64(at);
  const ordered = bits & signBit64 ? BigInt.asUintN(64, ~bits) : bits | signBit64;
  writer.view.setBigUint64(at, Number.isNaN(value) ? nan64 : ordered);
}

export function readFloat64(reader: ByteReader): number {
  const bits = reader.view.getBigUint64(reader.claim(8));
  const original = bits & signBit64 ? bits ^ signBit64 : BigInt.asUintN(64, ~bits);
  scratch.setBigUint64(0, original);
  return canonicalFloat(scratch.getFloat64(0), bits === nan64);
}

export function writeFloat32(writer: ByteWriter, value: number): void {
  const at = writer.claim(4);
  writer.view.setFloat32(at, value + 0);
  const bits = writer.view.getUint32(at);
  const ordered = bits & signBit32 ? ~bits : bits | signBit32;
  writer.view.setUint32(at, Number.isNaN(value) ? nan32 : ordered);
}

export function readFloat32(reader: ByteReader): number {
  const bits = reader.view.getUint32(reader.claim(4));
  scratch.setUint32(0, bits & signBit32 ? bits ^ signBit32 : ~bits);
  return canonicalFloat(scratch.getFloat32(0), bits === nan32);
}

const signBit64 = 1n << 63n;
const signBit32 = 0x80000000;
const nan64 = 2n ** 64n - 1n;
const nan32 = 0xffffffff;
const scratch = new DataView(new ArrayBuffer(8));

function canonicalFloat(value: number, isNan: boolean): number {
  if (Number.isNaN(value) !== isNan || Object.is(value, -0)) throw damaged("a number is not in its one form");
  return value;
}

import { crc32 } from "node:zlib";

/**
 * A record is two checksums of 4 bytes and its content: one over the key that it lies under and the content, one
 * over the key alone, by which a changed key shows without its content, which may be megabytes, being read.
 */
export const checksumBytes = 8;

let scratch = Buffer.allocUnsafeSlow(64 * 1024);

/** The record of `content` under `key`; valid until the next call. */
export function encodeRecord(key: Uint8Array, ...content: readonly Uint8Array[]): Uint8Array {
  let size = checksumBytes;
  for (const part of content) size += part.length;
  if (scratch.length < size) scratch = Buffer.allocUnsafeSlow(size * 2);
  const keySum = crc32(key);
  let sum = keySum;
  let at = checksumBytes;
  for (const part of content) {
    scratch.set(part, at);
    // Of no bytes it is 0, whatever it was.
    if (part.length > 0) sum = crc32(part, sum);
    at += part.length;
  }
  scratch.writeUInt32LE(sum, 0);
  scratch.writeUInt32LE(keySum, 4);
  const record = scratch.subarray(0, size);
  // What one huge record needed is not kept for the small ones that follow.
  if (scratch.length > 16 << 20) scratch = Buffer.allocUnsafeSlow(64 * 1024);
  return record;
}

/** Whether a record is what was written under its key. */
export function recordIsSound(key: Uint8Array, record: Uint8Array): boolean {
  if (record.length < checksumBytes) return false;
  return crc32(record.subarray(checksumBytes), crc32(key)) === readUint32(record, 0);
}

/** Whether a record, of which only the beginning is there, was written under its key. */
export function keyIsSound(key: Uint8Array, beginning: Uint8Array): boolean {
  return beginning.length >= checksumBytes && crc32(key) === readUint32(beginning, 4);
}

/** The number at an offset of a record, whatever kind of view it is. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

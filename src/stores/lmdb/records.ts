import { crc32 } from "node:zlib";

/** A record is its checksum (4 bytes, over the key that it lies under and all that follows) and its content. */
export const checksumBytes = 4;

let scratch = Buffer.allocUnsafeSlow(64 * 1024);

/** The record of `content` under `key`; valid until the next call. */
export function encodeRecord(key: Uint8Array, ...content: readonly Uint8Array[]): Uint8Array {
  let size = checksumBytes;
  for (const part of content) size += part.length;
  if (scratch.length < size) scratch = Buffer.allocUnsafeSlow(size * 2);
  let at = checksumBytes;
  for (const part of content) {
    scratch.set(part, at);
    at += part.length;
  }
  scratch.writeUInt32LE(crc32(scratch.subarray(checksumBytes, size), crc32(key)), 0);
  const record = scratch.subarray(0, size);
  // What one huge record needed is not kept for the small ones that follow.
  if (scratch.length > 16 << 20) scratch = Buffer.allocUnsafeSlow(64 * 1024);
  return record;
}

/** Whether a record is what was written under its key. */
export function recordIsSound(key: Uint8Array, record: Uint8Array): boolean {
  if (record.length < checksumBytes) return false;
  const sum = (record[0]! | (record[1]! << 8) | (record[2]! << 16) | (record[3]! << 24)) >>> 0;
  return crc32(record.subarray(checksumBytes), crc32(key)) === sum;
}

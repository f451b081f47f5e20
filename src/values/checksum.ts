import { crc32 } from "node:zlib";

/** The CRC-32 (of zlib and PNG) of the bytes from `start` to before `end`, as an unsigned 32-bit integer. */
export function checksum(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return crc32(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
}

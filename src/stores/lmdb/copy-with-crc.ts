import { crc32 } from "node:zlib";

const table = makeTable();

/** Above this many bytes the views that the native copy and checksum need cost less than a loop. */
const loopBytes = 512;

/**
 * Copies `from[start .. end)` to `target` at `at` and returns the CRC-32 of what was copied, going on from
 * `seed`: one pass in place of two, for a scan does this for every row.
 */
export function copyWithCrc(
  target: Uint8Array,
  at: number,
  from: Uint8Array,
  start: number,
  end: number,
  seed: number,
): number {
  if (end - start > loopBytes) {
    const part = from.subarray(start, end);
    target.set(part, at);
    return crc32(part, seed);
  }
  let crc = ~seed;
  let i = start;
  let to = at;
  for (const last = end - 3; i < last; i += 4, to += 4) {
    const a = from[i]!;
    const b = from[i + 1]!;
    const c = from[i + 2]!;
    const d = from[i + 3]!;
    target[to] = a;
    target[to + 1] = b;
    target[to + 2] = c;
    target[to + 3] = d;
    crc ^= a | (b << 8) | (c << 16) | (d << 24);
    crc =
      table[768 + (crc & 255)]! ^
      table[512 + ((crc >>> 8) & 255)]! ^
      table[256 + ((crc >>> 16) & 255)]! ^
      table[crc >>> 24]!;
  }
  for (; i < end; i++, to++) {
    const byte = from[i]!;
    target[to] = byte;
    crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

/** Four tables in one, so that four bytes are taken a step ("slicing-by-4", Kounavis and Berry 2005). */
function makeTable(): Int32Array {
  const made = new Int32Array(1024);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
    made[n] = crc;
  }
  for (let n = 0; n < 768; n++) made[n + 256] = made[made[n]! & 255]! ^ (made[n]! >>> 8);
  return made;
}

// What is done to each number of an embedding, of which a row may have thousands, is done here by the words in memory.

const negativeZero = 0x8000_0000 | 0;
const infinity = 0x7f80_0000;
const withoutSign = 0x7fff_ffff;

/** Whether memory has bytes in the order in which values are written. */
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Whether none of the numbers is −0 or NaN, the ones that have more than one form. */
export function hasOneForm({ buffer, byteOffset, length }: Float32Array): boolean {
  const words = new Int32Array(buffer, byteOffset, length);
  const whole = length - (length % 4);
  // Four at a time, with as few branches as can be: less than half of the time of one by one.
  for (let i = 0; i < whole; i += 4) {
    const a = words[i]!;
    const b = words[i + 1]!;
    const c = words[i + 2]!;
    const d = words[i + 3]!;
    const nans =
      (infinity - (a & withoutSign)) |
      (infinity - (b & withoutSign)) |
      (infinity - (c & withoutSign)) |
      (infinity - (d & withoutSign));
    if (nans < 0) return false;
    if (a === negativeZero || b === negativeZero || c === negativeZero || d === negativeZero) return false;
  }
  for (let i = whole; i < length; i++) {
    const word = words[i]!;
    if (word === negativeZero || (word & withoutSign) > infinity) return false;
  }
  return true;
}

/** The bytes of the numbers as they are written, a view; null where memory has them in another order. */
export function bytesAsWritten({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array | null {
  return isLittleEndian ? new Uint8Array(buffer, byteOffset, byteLength) : null;
}

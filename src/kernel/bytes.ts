/** Compares byte strings as unsigned bytes, shorter first where one is the other's beginning. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether `bytes` have `wanted` at a place; where they end before it does, they have not. */
export function equalsAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

/** A string of one character a byte: a cheap, exact `Map` key for bytes. */
export function bytesToMapKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The two digits of each byte: rows are full of fingerprints, and these are all that there is to say. */
const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function bytesToHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += hexPairs[byte]!;
  return text;
}

/** Of hexadecimal digits, an even number of them; nothing else is looked for. Written at a place of `into` where it is given. */
export function hexToBytes(hex: string, into = new Uint8Array(hex.length >> 1), at = 0): Uint8Array {
  for (let i = 0, to = at; i < hex.length; i += 2, to++)
    into[to] = (hexDigit(hex.charCodeAt(i)) << 4) | hexDigit(hex.charCodeAt(i + 1));
  return into;
}

/** `0` to `9` end in their value, and `a` to `f` in theirs less nine, as `A` to `F` do. */
function hexDigit(code: number): number {
  return (code & 15) + (code > 57 ? 9 : 0);
}

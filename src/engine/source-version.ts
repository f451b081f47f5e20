import { equalsAt } from "../kernel/bytes.ts";

/** What a source says of a row without its value. */
export interface SourceSaid {
  readonly ordinal?: number | bigint | undefined;
  readonly contentVersion?: string | Uint8Array | undefined;
}

const encoder = new TextEncoder();
const nothing = new Uint8Array(0);

/** What a source said of a row without its value, as bytes that are only ever compared; null when it said nothing. */
export function encodeSourceVersion(
  ordinal: number | bigint | undefined,
  contentVersion: string | Uint8Array | undefined,
): Uint8Array | null {
  if (ordinal === undefined && contentVersion === undefined) return null;
  const order = ordinal === undefined ? nothing : encoder.encode(String(ordinal));
  const content =
    typeof contentVersion === "string" ? encoder.encode(contentVersion) : (contentVersion ?? nothing);
  const bytes = new Uint8Array(2 + order.length + content.length);
  bytes[0] = (ordinal === undefined ? 0 : 1) | (contentVersion === undefined ? 0 : 2);
  bytes[1] = order.length;
  bytes.set(order, 2);
  bytes.set(content, 2 + order.length);
  return bytes;
}

/**
 * Whether the bytes between `at` and `end` are what a source says now, where it says anything. The bytes of a version
 * alone, which files have, are compared as they are: a scan asks this for every row.
 */
export function isSourceVersionAt(bytes: Uint8Array, at: number, end: number, said: SourceSaid): boolean {
  const { ordinal, contentVersion } = said;
  if (ordinal === undefined && contentVersion instanceof Uint8Array) {
    const length = 2 + contentVersion.length;
    return (
      end - at === length && bytes[at] === 2 && bytes[at + 1] === 0 && equalsAt(bytes, at + 2, contentVersion)
    );
  }
  const version = encodeSourceVersion(ordinal, contentVersion);
  return version !== null && end - at === version.length && equalsAt(bytes, at, version);
}

/** Compares an ordinal with the one of an encoded version: 0 where that has none. */
export function compareSourceOrdinals(ordinal: number | bigint, version: Uint8Array): number {
  if ((version[0]! & 1) === 0) return 0;
  const text = new TextDecoder().decode(version.subarray(2, 2 + version[1]!));
  const known = /^-?\d+$/.test(text) ? BigInt(text) : Number(text);
  return ordinal < known ? -1 : ordinal > known ? 1 : 0;
}

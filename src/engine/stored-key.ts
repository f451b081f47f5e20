import { bytesToHex } from "../kernel/bytes.ts";
import type { PlannedSource } from "../plan/index.ts";

/** Undefined for a key that was stored under another key schema, which no row can have any more. */
export function decodeStoredKey(source: PlannedSource, key: Uint8Array): unknown {
  try {
    return source.keyCodec.decode(key);
  } catch {
    return undefined;
  }
}

/** A key that was stored in words. One of another type is left of a source whose key schema has changed since. */
export function storedKeyText(source: PlannedSource, key: Uint8Array): string {
  const decoded = decodeStoredKey(source, key);
  return decoded === undefined ? bytesToHex(key) : source.formatKey(decoded);
}

import { hash } from "node:crypto";
import type { Branded } from "../kernel/brand.ts";

/** A 128-bit digest as 32 lower-case hexadecimal digits: the first half of a SHA-256. */
export type Fingerprint = Branded<string, "Fingerprint">;

/** The fingerprint of bytes, or of a text's UTF-8. */
export function fingerprint(data: Uint8Array | string): Fingerprint {
  return hash("sha256", data, "hex").slice(0, 32) as Fingerprint;
}

/** The same digest as 16 bytes. */
export function fingerprintBytes(data: Uint8Array): Uint8Array {
  return hash("sha256", data, "buffer").subarray(0, 16);
}

import { createHash } from "node:crypto";
import type { FlowId, SourceId } from "../../contracts/state-store.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";

/** What a record is: the first byte of its key. Numbers are part of the format and never used again. */
export const kinds = {
  format: 0x01,
  flow: 0x02,
  setup: 0x03,
  count: 0x04,
  version: 0x10,
  outputs: 0x11,
  failure: 0x12,
  rowMemos: 0x13,
  memoResult: 0x20,
  memoReferences: 0x21,
  memoUnreferenced: 0x22,
} as const;

export type RowKind = "version" | "outputs" | "failure" | "rowMemos";

/** Row keys begin with kind, flow number and source number. */
export const rowPrefixBytes = 9;

/**
 * LMDB's keys end at 1,978 bytes. Of a longer key the first `headBytes` are kept and the rest is replaced by
 * its hash; the whole key then stands in the record. Order holds up to the head, and keys that share a head
 * lie side by side, told from all others by their length.
 */
export const headBytes = 1900;
const hashBytes = 32;
export const longKeyBytes = headBytes + hashBytes;

/** Whether a key of so many bytes, prefix left out, is a head with a hash. */
export function isLongKey(physicalBytes: number): boolean {
  return physicalBytes === longKeyBytes;
}

/** What follows the prefix in the key that a record lies under. */
export function physicalKey(prefix: Uint8Array, key: Uint8Array): Uint8Array {
  const long = key.length >= headBytes;
  const made = Buffer.allocUnsafe(prefix.length + (long ? longKeyBytes : key.length));
  made.set(prefix, 0);
  if (!long) {
    made.set(key, prefix.length);
    return made;
  }
  made.set(key.subarray(0, headBytes), prefix.length);
  made.set(createHash("sha256").update(key).digest(), prefix.length + headBytes);
  return made;
}

export function rowPrefix(kind: RowKind, flow: number, source: SourceId): Uint8Array {
  const prefix = Buffer.allocUnsafe(rowPrefixBytes);
  prefix[0] = kinds[kind];
  prefix.writeUInt32BE(flow, 1);
  prefix.writeUInt32BE(source, 5);
  return prefix;
}

/** The beginning of the keys of all of a flow's records of one kind. */
export function flowPrefix(kind: RowKind | "setup" | "count", flow: number): Uint8Array {
  return rowPrefixOf(kinds[kind], flow);
}

export function countKey(flow: number, source: SourceId): Uint8Array {
  const key = Buffer.allocUnsafe(rowPrefixBytes);
  key[0] = kinds.count;
  key.writeUInt32BE(flow, 1);
  key.writeUInt32BE(source, 5);
  return key;
}

export function flowKey(flow: FlowId): Uint8Array {
  return physicalKey(Buffer.of(kinds.flow), Buffer.from(flow));
}

export function memoKey(
  kind: "memoResult" | "memoReferences" | "memoUnreferenced",
  fingerprint: Fingerprint | Uint8Array,
): Uint8Array {
  const digest = typeof fingerprint === "string" ? Buffer.from(fingerprint, "hex") : fingerprint;
  const key = Buffer.allocUnsafe(1 + digest.length);
  key[0] = kinds[kind];
  key.set(digest, 1);
  return key;
}

/** The first key after all that begin with `prefix`. */
export function after(prefix: Uint8Array): Uint8Array {
  const end = Buffer.from(prefix);
  for (let i = end.length - 1; i >= 0; i--) {
    if (end[i]! < 255) {
      end[i]!++;
      return end.subarray(0, i + 1);
    }
  }
  return Buffer.of(255);
}

/** The first key after `key`. */
export function justAfter(key: Uint8Array): Uint8Array {
  const next = Buffer.alloc(key.length + 1);
  next.set(key, 0);
  return next;
}

function rowPrefixOf(kind: number, flow: number): Uint8Array {
  const prefix = Buffer.allocUnsafe(5);
  prefix[0] = kind;
  prefix.writeUInt32BE(flow, 1);
  return prefix;
}

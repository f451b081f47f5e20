import { createHash } from "node:crypto";
import type { FlowId, SourceId, TargetId } from "../../contracts/state-store.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";

/** What a record is: the first byte of its key. Numbers are part of the format and never used again. */
export const kinds = {
  format: 0x01,
  flow: 0x02,
  setup: 0x03,
  count: 0x04,
  ownerCount: 0x05,
  doubt: 0x06,
  version: 0x10,
  outputs: 0x11,
  failure: 0x12,
  /** Of formats 1 and 2. */
  oldRowMemos: 0x13,
  trace: 0x14,
  rowMemos: 0x15,
  owner: 0x18,
  owed: 0x19,
  /** Of format 1, as is the next. */
  oldMemoResult: 0x20,
  oldMemoReferences: 0x21,
  /** Of formats 1 and 2. */
  oldMemoUnreferenced: 0x22,
  /** Of format 2. */
  oldMemo: 0x23,
  memoResult: 0x24,
  memoLastPlace: 0x25,
  memoPlace: 0x26,
  memoNewState: 0x27,
  memoNew: 0x28,
  memoAwaited: 0x29,
  memoReferences: 0x2a,
  memoUnreferenced: 0x2b,
} as const;

export type RowKind = "version" | "outputs" | "failure" | "rowMemos" | "trace";
/** What is kept of a target key, and the mark by which those that are owed something are found. */
export type OwnerKind = "owner" | "owed";
/** The kinds that lie under the key of a row, or of a target row. */
export type KeyedKind = RowKind | OwnerKind;

const numberedKeyBytes = 9;

/** Their keys begin with kind, flow number and the number of the source or target. */
export const keyedPrefixBytes = 9;

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

export function keyedPrefix(kind: KeyedKind, flow: number, within: SourceId | TargetId): Uint8Array {
  return numbersKey(kinds[kind], flow, within);
}

/** The beginning of the keys of all of a flow's records of one kind. */
export function flowPrefix(
  kind: KeyedKind | "setup" | "count" | "ownerCount" | "doubt",
  flow: number,
): Uint8Array {
  const prefix = Buffer.allocUnsafe(5);
  prefix[0] = kinds[kind];
  prefix.writeUInt32BE(flow, 1);
  return prefix;
}

export function countKey(flow: number, source: SourceId): Uint8Array {
  return numbersKey(kinds.count, flow, source);
}

export function ownerCountKey(flow: number, target: TargetId): Uint8Array {
  return numbersKey(kinds.ownerCount, flow, target);
}

export function doubtKey(flow: number, id: number): Uint8Array {
  const key = Buffer.allocUnsafe(13);
  key[0] = kinds.doubt;
  key.writeUInt32BE(flow, 1);
  key.writeBigUInt64BE(BigInt(id), 5);
  return key;
}

export function flowKey(flow: FlowId): Uint8Array {
  return physicalKey(Buffer.of(kinds.flow), Buffer.from(flow));
}

export function memoPlaceKey(fingerprint: Fingerprint): Uint8Array {
  return fingerprintKey(kinds.memoPlace, fingerprint);
}

/** What lies under a number: records of one time lie together, since numbers grow. */
export function numberedKey(
  kind: "memoResult" | "memoNew" | "memoAwaited" | "memoReferences" | "memoUnreferenced",
  number: number,
): Uint8Array {
  const key = Buffer.allocUnsafe(numberedKeyBytes);
  key[0] = kinds[kind];
  // Numbers that are not negative are in the order of their bytes.
  key.writeDoubleBE(number, 1);
  return key;
}

export function fingerprintKey(kind: number, fingerprint: Fingerprint): Uint8Array {
  const key = Buffer.allocUnsafe(1 + fingerprint.length / 2);
  key[0] = kind;
  key.write(fingerprint, 1, "hex");
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

function numbersKey(kind: number, flow: number, within: number): Uint8Array {
  const key = Buffer.allocUnsafe(keyedPrefixBytes);
  key[0] = kind;
  key.writeUInt32BE(flow, 1);
  key.writeUInt32BE(within, 5);
  return key;
}

import { bytesToHex, equalsAt, hexToBytes } from "../kernel/bytes.ts";
import type { Fingerprint } from "../values/index.ts";
import { isSourceVersionAt, type SourceSaid } from "./source-version.ts";

/**
 * What a scan of unchanged rows reads, one small record a row:
 *
 * | bytes | |
 * | --- | --- |
 * | 0 | flags: 1 committed, 2 pending, 4 the source gave a version |
 * | 1–2 | failures in a row, little-endian, at most 65,535 |
 * | 3–18 | fingerprint of the logic that the row was processed with |
 * | 19–34 | fingerprint of the row's value |
 * | 35– | what the source said, see source-version.ts |
 */
export interface VersionRecord {
  /** What was committed last; null for a row that never was. */
  readonly committed: CommittedVersion | null;
  /** Its writes may or may not have landed: it must be processed whatever else this says. */
  readonly pending: boolean;
  readonly failures: number;
}

export interface CommittedVersion {
  readonly logic: Fingerprint;
  readonly content: Fingerprint;
  /** Null when the source gave no version, or one that is not to be trusted. */
  readonly sourceVersion: Uint8Array | null;
}

const committedFlag = 1;
const pendingFlag = 2;
const versionFlag = 4;
const logicAt = 3;
const contentAt = 19;
const versionAt = 35;
const mostFailures = 0xffff;

export function encodeVersionRecord({ committed, pending, failures }: VersionRecord): Uint8Array {
  const version = committed?.sourceVersion ?? null;
  const bytes = new Uint8Array(versionAt + (version?.length ?? 0));
  bytes[0] = (committed ? committedFlag : 0) | (pending ? pendingFlag : 0) | (version ? versionFlag : 0);
  const count = Math.min(failures, mostFailures);
  bytes[1] = count & 0xff;
  bytes[2] = count >> 8;
  if (committed) {
    bytes.set(hexToBytes(committed.logic), logicAt);
    bytes.set(hexToBytes(committed.content), contentAt);
  }
  if (version) bytes.set(version, versionAt);
  return bytes;
}

/** The version record of a row, null for one that has none, with the pending mark. */
export function pendingVersion(stored: Uint8Array | null): Uint8Array {
  const before: VersionRecord = stored
    ? decodeVersionRecord(stored)
    : { committed: null, pending: false, failures: 0 };
  return encodeVersionRecord({ ...before, pending: true });
}

export function decodeVersionRecord(bytes: Uint8Array): VersionRecord {
  const flags = bytes[0]!;
  return {
    pending: (flags & pendingFlag) !== 0,
    failures: bytes[1]! | (bytes[2]! << 8),
    committed: flags & committedFlag ? decodeCommitted(bytes, flags) : null,
  };
}

function decodeCommitted(bytes: Uint8Array, flags: number): CommittedVersion {
  return {
    logic: bytesToHex(bytes.subarray(logicAt, contentAt)) as Fingerprint,
    content: bytesToHex(bytes.subarray(contentAt, versionAt)) as Fingerprint,
    sourceVersion: flags & versionFlag ? bytes.slice(versionAt) : null,
  };
}

/**
 * Whether the record between `start` and `end` says that a row is settled: committed, not pending, not failed,
 * with this logic and this source version. Reads the bytes where they lie, since a scan asks it for every row.
 */
export function isSettled(
  bytes: Uint8Array,
  start: number,
  end: number,
  logic: Uint8Array,
  said: SourceSaid,
): boolean {
  if (bytes[start] !== (committedFlag | versionFlag) || bytes[start + 1] !== 0 || bytes[start + 2] !== 0)
    return false;
  return equalsAt(bytes, start + logicAt, logic) && isSourceVersionAt(bytes, start + versionAt, end, said);
}

import { bytesToHex, hexToBytes } from "../kernel/bytes.ts";
import { type Fingerprint, fingerprintBytes } from "../values/index.ts";
import { DigestTable } from "./digest-table.ts";

/** How a row of the target stands against what is expected. */
export type Sight = "right" | "different" | "pending" | "extra" | "again";

/** What is known of a key once the target was read. */
export type Standing = "right" | "missing" | "different" | "pending" | "extra";

export interface ExpectedCounts {
  readonly expected: number;
  readonly missing: number;
  readonly different: number;
  readonly pending: number;
}

/** What the store says of a key: the value's fingerprint, or that it does not know and why. */
export type Expected = Fingerprint | "in doubt" | "outdated";

/**
 * The rows that a target should hold, as a digest of the key with the fingerprint of the value: at most 50 bytes a
 * row, whatever the rows are made of. Remembers which of them were seen at the target.
 */
export class ExpectedRows {
  readonly #rows = new DigestTable(flagsAt + 1);

  get allocatedBytes(): number {
    return this.#rows.allocatedBytes;
  }

  /** A key that is expected in several ways is in doubt; once outdated, it stays so. */
  expect(key: Uint8Array, value: Expected): void {
    const digest = fingerprintBytes(key);
    const added = this.#rows.add(digest);
    const row = this.#rows.get(digest)!;
    if (value === "outdated") row[flagsAt] = pendingFlag | outdatedFlag;
    else if (value === "in doubt" || (!added && !holds(row, value))) row[flagsAt]! |= pendingFlag;
    else row.set(hexToBytes(value));
  }

  /** Takes note of a row that the target holds; `value` is null for one that no export could have written. */
  see(key: Uint8Array, value: Fingerprint | null): Sight {
    const row = this.#rows.get(fingerprintBytes(key));
    if (row === null) return "extra";
    const flags = row[flagsAt]!;
    row[flagsAt] = flags | seenFlag;
    if (flags & pendingFlag) return "pending";
    if (!(flags & seenFlag) && value !== null && holds(row, value)) return "right";
    row[flagsAt] = flags | seenFlag | differentFlag;
    return flags & seenFlag ? "again" : "different";
  }

  standing(key: Uint8Array): Standing {
    const row = this.#rows.get(fingerprintBytes(key));
    return row === null ? "extra" : standingOf(row[flagsAt]!);
  }

  /** Whether writing it again puts it right: what is outdated is a whole update's matter. */
  isRepairable(key: Uint8Array): boolean {
    const row = this.#rows.get(fingerprintBytes(key));
    return row !== null && isRepairable(row[flagsAt]!);
  }

  /** How many keys writing again puts right. */
  repairable(): number {
    let count = 0;
    for (const row of this.#rows.payloads()) if (isRepairable(row[flagsAt]!)) count++;
    return count;
  }

  counts(): ExpectedCounts {
    const counts = { right: 0, missing: 0, different: 0, pending: 0 };
    for (const row of this.#rows.payloads()) counts[standingOf(row[flagsAt]!)]++;
    const { missing, different, pending } = counts;
    return { expected: this.#rows.size, missing, different, pending };
  }

  /** Forgets what was seen, for another reading of the target. */
  forgetSights(): void {
    for (const row of this.#rows.payloads()) row[flagsAt] = row[flagsAt]! & (pendingFlag | outdatedFlag);
  }
}

/** Beside each key's digest: the value's fingerprint, then the flags. */
const flagsAt = 16;
const seenFlag = 1;
const differentFlag = 2;
const pendingFlag = 4;
const outdatedFlag = 8;

function isRepairable(flags: number): boolean {
  return !(flags & outdatedFlag) && standingOf(flags) !== "right";
}

function standingOf(flags: number): Exclude<Standing, "extra"> {
  if (flags & pendingFlag) return "pending";
  if (!(flags & seenFlag)) return "missing";
  return flags & differentFlag ? "different" : "right";
}

function holds(row: Uint8Array, value: Fingerprint): boolean {
  return bytesToHex(row.subarray(0, flagsAt)) === value;
}

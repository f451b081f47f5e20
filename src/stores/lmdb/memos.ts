import type { MemoCollection } from "../../contracts/state-store.ts";
import { copyBytes } from "../../kernel/copy-bytes.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";
import type { Environment } from "./environment.ts";
import { kinds, numberedKey } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import { memoAt, readMemoResult } from "./memo-results.ts";
import { checksumBytes, recordIsSound } from "./records.ts";

export interface CollectLimits {
  /** What is without a reference since this time, or longer, goes. */
  readonly before: number;
  /** What stays nonetheless. */
  readonly inUse: MemoCollection["inUse"];
  /** The key to begin at. */
  readonly start: Uint8Array;
  /** Marks looked at in this transaction. */
  readonly limit: number;
}

export interface Collected {
  readonly collected: number;
  /** Where to go on; null at the end. */
  readonly next: Uint8Array | null;
}

/** The results of memos, the caller's own copies; null for those that are not there. */
export function readMemos(
  { tree, file, memos }: Environment,
  fingerprints: readonly Fingerprint[],
): (Uint8Array | null)[] {
  memos.refresh();
  return fingerprints.map((fingerprint) => {
    const place = memos.placeOf(fingerprint);
    const result = place === 0 ? null : readMemoResult(tree, file, place, fingerprint);
    return result && copyBytes(result);
  });
}

/** Removes memos that are without a reference for long enough. Within a transaction. */
export function collectMemos(environment: Environment, limits: CollectLimits): Collected {
  const { tree, file, memos } = environment;
  const { places, next } = placesDue(environment, limits);
  const used = limits.inUse?.();
  const due = places
    .map((place) => ({ place, ...memoAt(tree, file, place) }))
    .filter(({ fingerprint }) => !used?.has(fingerprint));
  for (const { place, isAwaited } of due) {
    tree.remove(numberedKey(isAwaited ? "memoAwaited" : "memoResult", place));
    tree.remove(numberedKey("memoUnreferenced", place));
  }
  memos.refresh();
  memos.remove(due.map(({ fingerprint }) => fingerprint));
  return { collected: due.filter(({ isAwaited }) => !isAwaited).length, next };
}

function placesDue({ tree, file }: Environment, { before, start, limit }: CollectLimits) {
  const places: number[] = [];
  let next: Uint8Array | null = null;
  let seen = 0;
  tree.walk(start, Buffer.of(kinds.memoUnreferenced + 1), (entry) => {
    const key = Buffer.from(entry.key.subarray(entry.keyStart, entry.keyEnd));
    if (seen++ === limit) {
      next = key;
      return false;
    }
    const record = entry.value.slice(0, entry.valueLength);
    if (!recordIsSound(key, record)) throw damaged(file, "the mark of a memo without references");
    if (readTime(record.subarray(checksumBytes)) <= before) places.push(key.readDoubleBE(1));
    return true;
  });
  return { places, next };
}

function readTime(content: Uint8Array): number {
  return new DataView(content.buffer, content.byteOffset).getFloat64(0, true);
}

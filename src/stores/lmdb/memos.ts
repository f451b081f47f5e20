import type { MemoCollection } from "../../contracts/state-store.ts";
import { bytesToHex } from "../../kernel/bytes.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";
import { kinds, memoKey, memoResultKey } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import { readMemoRecord, readMemoResult } from "./memo-records.ts";
import { checksumBytes, recordIsSound } from "./records.ts";
import type { Tree } from "./tree.ts";

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

/** The result of a memo, the caller's own copy; null when it is not there. */
export function readMemo(tree: Tree, file: string, fingerprint: Fingerprint): Uint8Array | null {
  const { place } = readMemoRecord(tree, file, fingerprint);
  return place === 0 ? null : readMemoResult(tree, file, place, fingerprint).slice();
}

/** Removes memos that are without a reference for long enough. Within a transaction. */
export function collectMemos(
  tree: Tree,
  file: string,
  { before, inUse, start, limit }: CollectLimits,
): Collected {
  const used = inUse?.();
  const due: Fingerprint[] = [];
  let next: Uint8Array | null = null;
  let seen = 0;
  tree.walk(start, Buffer.of(kinds.memoUnreferenced + 1), (entry) => {
    const key = entry.key.slice(entry.keyStart, entry.keyEnd);
    if (seen++ === limit) {
      next = key;
      return false;
    }
    const record = entry.value.slice(0, entry.valueLength);
    if (!recordIsSound(key, record)) throw damaged(file, "the mark of a memo without references");
    const fingerprint = bytesToHex(key.subarray(1)) as Fingerprint;
    const isDue = readTime(record.subarray(checksumBytes)) <= before;
    if (isDue && !used?.has(fingerprint)) due.push(fingerprint);
    return true;
  });
  for (const fingerprint of due) {
    tree.remove(memoResultKey(readMemoRecord(tree, file, fingerprint).place));
    tree.remove(memoKey("memo", fingerprint));
    tree.remove(memoKey("memoUnreferenced", fingerprint));
  }
  return { collected: due.length, next };
}

function readTime(content: Uint8Array): number {
  return new DataView(content.buffer, content.byteOffset).getFloat64(0, true);
}

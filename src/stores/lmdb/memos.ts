import type { MemoCollection } from "../../contracts/state-store.ts";
import { bytesToHex } from "../../kernel/bytes.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";
import { type RowPlace, readKeyed, replaceKeyed } from "./keyed-records.ts";
import { kinds, memoKey } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import { checksumBytes, recordIsSound } from "./records.ts";
import type { Tree } from "./tree.ts";

/** What changes of memos need to know. */
export interface MemoWriter {
  readonly tree: Tree;
  readonly file: string;
  readonly now: number;
}

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

const fingerprintBytes = 16;

/** The result of a memo, the caller's own copy; null when it is not there. */
export function readMemo(tree: Tree, file: string, fingerprint: Fingerprint): Uint8Array | null {
  const content = tree.get(memoKey("memoResult", fingerprint), () =>
    damaged(file, `the memo ${fingerprint}`),
  );
  return content ? content.slice() : null;
}

export function putMemo(writer: MemoWriter, fingerprint: Fingerprint, result: Uint8Array): void {
  writer.tree.put(memoKey("memoResult", fingerprint), result);
  if (readReferences(writer, fingerprint) === 0) markUnreferenced(writer, fingerprint);
}

/** Lets a row refer to just these memos. */
export function putRowMemos(
  writer: MemoWriter,
  row: { readonly place: RowPlace; readonly key: Uint8Array },
  wanted: readonly Fingerprint[],
): void {
  const stored = readKeyed(writer.tree, "rowMemos", row.place, row.key);
  const before = stored ? splitFingerprints(stored) : new Set<string>();
  const now = new Set<string>(wanted);
  for (const fingerprint of now)
    if (!before.has(fingerprint)) addReference(writer, fingerprint as Fingerprint);
  for (const fingerprint of before)
    if (!now.has(fingerprint)) dropReference(writer, fingerprint as Fingerprint);
  if (now.size === 0 && before.size === 0) return;
  const packed = now.size === 0 ? null : Buffer.from([...now].join(""), "hex");
  replaceKeyed(writer.tree, { kind: "rowMemos", ...row }, packed);
}

/** Gives back all references of a row whose list is known. */
export function dropReferences(writer: MemoWriter, packed: Uint8Array): void {
  for (const fingerprint of splitFingerprints(packed)) dropReference(writer, fingerprint as Fingerprint);
}

/** Removes memos that are without a reference for long enough. Within a transaction. */
export function collectMemos(writer: MemoWriter, { before, inUse, start, limit }: CollectLimits): Collected {
  const used = inUse?.();
  const due: Uint8Array[] = [];
  let next: Uint8Array | null = null;
  let seen = 0;
  writer.tree.walk(start, Buffer.of(kinds.memoUnreferenced + 1), (entry) => {
    const key = entry.key.slice(entry.keyStart, entry.keyEnd);
    if (seen++ === limit) {
      next = key;
      return false;
    }
    const record = entry.value.slice(0, entry.valueLength);
    if (!recordIsSound(key, record)) throw damaged(writer.file, "the mark of a memo without references");
    const fingerprint = key.subarray(1);
    const isDue = readTime(record.subarray(checksumBytes)) <= before;
    if (isDue && !used?.has(bytesToHex(fingerprint) as Fingerprint)) due.push(fingerprint);
    return true;
  });
  for (const fingerprint of due) {
    writer.tree.remove(memoKey("memoResult", fingerprint));
    writer.tree.remove(memoKey("memoUnreferenced", fingerprint));
  }
  return { collected: due.length, next };
}

function addReference(writer: MemoWriter, fingerprint: Fingerprint): void {
  const references = readReferences(writer, fingerprint);
  putReferences(writer, fingerprint, references + 1);
  if (references > 0) return;
  const mark = memoKey("memoUnreferenced", fingerprint);
  if (writer.tree.has(mark)) writer.tree.remove(mark);
}

function dropReference(writer: MemoWriter, fingerprint: Fingerprint): void {
  const references = readReferences(writer, fingerprint);
  if (references > 1) {
    putReferences(writer, fingerprint, references - 1);
    return;
  }
  writer.tree.remove(memoKey("memoReferences", fingerprint));
  if (writer.tree.has(memoKey("memoResult", fingerprint))) markUnreferenced(writer, fingerprint);
}

function readReferences({ tree, file }: MemoWriter, fingerprint: Fingerprint): number {
  const damage = () => damaged(file, `the references of memo ${fingerprint}`);
  const content = tree.get(memoKey("memoReferences", fingerprint), damage);
  return content ? new DataView(content.buffer, content.byteOffset).getUint32(0, true) : 0;
}

function putReferences({ tree }: MemoWriter, fingerprint: Fingerprint, references: number): void {
  const content = Buffer.allocUnsafe(4);
  content.writeUInt32LE(references);
  tree.put(memoKey("memoReferences", fingerprint), content);
}

function markUnreferenced({ tree, now }: MemoWriter, fingerprint: Fingerprint): void {
  const content = Buffer.allocUnsafe(8);
  content.writeDoubleLE(now);
  tree.put(memoKey("memoUnreferenced", fingerprint), content);
}

function readTime(content: Uint8Array): number {
  return new DataView(content.buffer, content.byteOffset).getFloat64(0, true);
}

function splitFingerprints(packed: Uint8Array): Set<string> {
  const text = Buffer.from(packed).toString("hex");
  const split = new Set<string>();
  for (let at = 0; at < text.length; at += fingerprintBytes * 2)
    split.add(text.slice(at, at + fingerprintBytes * 2));
  return split;
}

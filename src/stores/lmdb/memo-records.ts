import type { Fingerprint } from "../../values/fingerprint.ts";
import { kinds, memoKey, memoResultKey } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import type { Tree } from "./tree.ts";

/**
 * What is kept of a memo under its fingerprint. Its result lies elsewhere, in the order in which results came:
 * fingerprints are spread over all of the tree, so that a result under each would change, split and half fill a page of
 * its own, while these are some eighty to a page.
 */
export interface MemoRecord {
  readonly references: number;
  /** Where its result lies; 0 for none. */
  readonly place: number;
}

const fingerprintBytes = 16;
const noMemo: MemoRecord = { references: 0, place: 0 };
const placesKey = Buffer.of(kinds.memoPlaces);

export function readMemoRecord(tree: Tree, file: string, fingerprint: Fingerprint): MemoRecord {
  const content = tree.get(memoKey("memo", fingerprint), () =>
    damaged(file, `the record of memo ${fingerprint}`),
  );
  if (content === undefined) return noMemo;
  const view = new DataView(content.buffer, content.byteOffset);
  return { references: view.getUint32(0, true), place: view.getFloat64(4, true) };
}

/** One that says nothing is not kept. */
export function putMemoRecord(tree: Tree, fingerprint: Fingerprint, { references, place }: MemoRecord): void {
  const key = memoKey("memo", fingerprint);
  if (references === 0 && place === 0) {
    tree.remove(key);
    return;
  }
  const content = Buffer.allocUnsafe(12);
  content.writeUInt32LE(references, 0);
  content.writeDoubleLE(place, 4);
  tree.put(key, content);
}

/** The result at a place, a view that is valid until the next read. */
export function readMemoResult(
  tree: Tree,
  file: string,
  place: number,
  fingerprint: Fingerprint,
): Uint8Array {
  const damage = () => damaged(file, `the result of memo ${fingerprint}`);
  const content = tree.get(memoResultKey(place), damage);
  if (content === undefined) throw damage();
  const owner = Buffer.from(content.buffer, content.byteOffset, fingerprintBytes).toString("hex");
  if (owner !== fingerprint) throw damage();
  return content.subarray(fingerprintBytes);
}

export function putMemoResult(tree: Tree, place: number, fingerprint: Fingerprint, result: Uint8Array): void {
  tree.put(memoResultKey(place), Buffer.from(fingerprint, "hex"), result);
}

/** The last place that was given out. */
export function readLastPlace(tree: Tree, file: string): number {
  const content = tree.get(placesKey, () => damaged(file, "the number of results"));
  return content ? new DataView(content.buffer, content.byteOffset).getFloat64(0, true) : 0;
}

export function putLastPlace(tree: Tree, place: number): void {
  const content = Buffer.allocUnsafe(8);
  content.writeDoubleLE(place);
  tree.put(placesKey, content);
}

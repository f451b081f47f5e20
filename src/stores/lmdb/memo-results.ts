import type { Fingerprint } from "../../values/fingerprint.ts";
import { kinds, numberedKey } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import type { Tree } from "./tree.ts";

/*
 * Every memo has a place, a number from 1 on in the order in which memos came. Its result lies there and not under its
 * fingerprint: fingerprints are spread over all of the tree, so that each result would change, split and half fill a
 * page of its own.
 */

const fingerprintBytes = 16;
const lastPlaceKey = Buffer.of(kinds.memoLastPlace);

/** The result at the place of a memo, a view that is valid until the next read; null for a memo that is awaited. */
export function readMemoResult(
  tree: Tree,
  file: string,
  place: number,
  fingerprint: Fingerprint,
): Uint8Array | null {
  const damage = () => damaged(file, `the result of memo ${fingerprint}`);
  const content = tree.get(numberedKey("memoResult", place), damage);
  if (content === undefined) {
    if (tree.has(numberedKey("memoAwaited", place))) return null;
    throw damage();
  }
  if (readFingerprint(content) !== fingerprint) throw damage();
  return content.subarray(fingerprintBytes);
}

export function putMemoResult(tree: Tree, place: number, fingerprint: Fingerprint, result: Uint8Array): void {
  tree.put(numberedKey("memoResult", place), Buffer.from(fingerprint, "hex"), result);
}

/** Notes a memo that has a place, since rows refer to it, and no result yet. */
export function putAwaited(tree: Tree, place: number, fingerprint: Fingerprint): void {
  tree.put(numberedKey("memoAwaited", place), Buffer.from(fingerprint, "hex"));
}

export function removeAwaited(tree: Tree, place: number): void {
  tree.remove(numberedKey("memoAwaited", place));
}

/** Which memo lies at a place, and whether its result has come. */
export function memoAt(
  tree: Tree,
  file: string,
  place: number,
): { readonly fingerprint: Fingerprint; readonly isAwaited: boolean } {
  const damage = () => damaged(file, `the memo at place ${place}`);
  const result = tree.get(numberedKey("memoResult", place), damage);
  const content = result ?? tree.get(numberedKey("memoAwaited", place), damage);
  if (content === undefined) throw damage();
  return { fingerprint: readFingerprint(content), isAwaited: result === undefined };
}

/** The last place that was given out. */
export function readLastPlace(tree: Tree, file: string): number {
  const content = tree.get(lastPlaceKey, () => damaged(file, "the number of results"));
  return content ? new DataView(content.buffer, content.byteOffset).getFloat64(0, true) : 0;
}

export function putLastPlace(tree: Tree, place: number): void {
  const content = Buffer.allocUnsafe(8);
  content.writeDoubleLE(place);
  tree.put(lastPlaceKey, content);
}

function readFingerprint(content: Uint8Array): Fingerprint {
  return Buffer.from(content.buffer, content.byteOffset, fingerprintBytes).toString("hex") as Fingerprint;
}

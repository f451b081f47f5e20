import { bytesToHex } from "../../kernel/bytes.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";
import { justAfter, kinds } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import { putLastPlace, putMemoRecord, putMemoResult } from "./memo-records.ts";
import type { Tree } from "./tree.ts";

const keysInARow = 1000;

/** From format 1, where a result lay under its fingerprint, and the number of its references in a record of its own. */
export function migrateMemos(tree: Tree, file: string): void {
  let place = 0;
  for (const fingerprint of fingerprintsOf(tree, kinds.oldMemoResult)) {
    const result = take(tree, file, oldKey(kinds.oldMemoResult, fingerprint))!;
    putMemoResult(tree, ++place, fingerprint, result);
    putMemoRecord(tree, fingerprint, { references: takeReferences(tree, file, fingerprint), place });
  }
  // What is left came before its result.
  for (const fingerprint of fingerprintsOf(tree, kinds.oldMemoReferences))
    putMemoRecord(tree, fingerprint, { references: takeReferences(tree, file, fingerprint), place: 0 });
  if (place > 0) putLastPlace(tree, place);
}

function* fingerprintsOf(tree: Tree, kind: number): Generator<Fingerprint> {
  for (let start: Uint8Array = Buffer.of(kind); ; ) {
    const keys = tree.keysFrom(start, Buffer.of(kind + 1), keysInARow);
    for (const key of keys) yield bytesToHex(key.subarray(1)) as Fingerprint;
    if (keys.length < keysInARow) return;
    start = justAfter(keys.at(-1)!);
  }
}

function takeReferences(tree: Tree, file: string, fingerprint: Fingerprint): number {
  const content = take(tree, file, oldKey(kinds.oldMemoReferences, fingerprint));
  return content ? new DataView(content.buffer, content.byteOffset).getUint32(0, true) : 0;
}

/** A copy of a record that is removed. */
function take(tree: Tree, file: string, key: Uint8Array): Uint8Array | null {
  const content = tree.get(key, () => damaged(file, "a memo"))?.slice();
  if (content === undefined) return null;
  tree.remove(key);
  return content;
}

function oldKey(kind: number, fingerprint: Fingerprint): Uint8Array {
  return Buffer.concat([Buffer.of(kind), Buffer.from(fingerprint, "hex")]);
}

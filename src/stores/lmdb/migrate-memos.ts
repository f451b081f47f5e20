import { bytesToHex } from "../../kernel/bytes.ts";
import type { Fingerprint } from "../../values/fingerprint.ts";
import { splitLong } from "./keyed-records.ts";
import { after, fingerprintKey, isLongKey, justAfter, keyedPrefixBytes, kinds, numberedKey } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import { placeOf, putPlace, startIndex } from "./memo-index.ts";
import { packPlaces } from "./memo-places.ts";
import { changeReferences } from "./memo-references.ts";
import { putAwaited, putLastPlace, putMemoResult, readLastPlace } from "./memo-results.ts";
import type { Tree } from "./tree.ts";

const keysInARow = 1000;
/** Numbers of references that are held at a time. */
const numbersInARow = 65_536;

/** What format 2 kept of a memo under its fingerprint; place 0 for one without a result. */
interface OldMemo {
  readonly references: number;
  readonly place: number;
}

/** From format 1, where a result lay under its fingerprint, and the number of its references in a record of its own. */
export function migrateResults(tree: Tree, file: string): void {
  let place = 0;
  for (const fingerprint of fingerprintsOf(tree, kinds.oldMemoResult)) {
    const result = take(tree, file, fingerprintKey(kinds.oldMemoResult, fingerprint))!;
    putMemoResult(tree, ++place, fingerprint, result);
    putOldMemo(tree, fingerprint, { references: takeReferences(tree, file, fingerprint), place });
  }
  // What is left came before its result.
  for (const fingerprint of fingerprintsOf(tree, kinds.oldMemoReferences))
    putOldMemo(tree, fingerprint, { references: takeReferences(tree, file, fingerprint), place: 0 });
  if (place > 0) putLastPlace(tree, place);
}

/**
 * From format 2, where rows referred to memos by their fingerprints, under which the numbers of references lay, and the
 * marks of those that had none.
 */
export function migrateReferences(tree: Tree, file: string): void {
  let lastPlace = readLastPlace(tree, file);
  let references = new Map<number, number>();
  for (const fingerprint of fingerprintsOf(tree, kinds.oldMemo)) {
    const old = readOldMemo(take(tree, file, fingerprintKey(kinds.oldMemo, fingerprint))!);
    const place = old.place === 0 ? ++lastPlace : old.place;
    if (old.place === 0) putAwaited(tree, place, fingerprint);
    putPlace(tree, fingerprint, place);
    if (old.references > 0) references.set(place, old.references);
    if (references.size < numbersInARow) continue;
    changeReferences(tree, file, references, () => {});
    references = new Map();
  }
  changeReferences(tree, file, references, () => {});
  putLastPlace(tree, lastPlace);
  startIndex(tree);
  for (const key of keysOf(tree, kinds.oldRowMemos)) migrateRow(tree, file, key);
  for (const fingerprint of fingerprintsOf(tree, kinds.oldMemoUnreferenced)) {
    const since = take(tree, file, fingerprintKey(kinds.oldMemoUnreferenced, fingerprint))!;
    tree.put(numberedKey("memoUnreferenced", placeOf(tree, file, fingerprint)), since);
  }
}

function migrateRow(tree: Tree, file: string, key: Uint8Array): void {
  const record = take(tree, file, key)!;
  const isLong = isLongKey(key.length - keyedPrefixBytes);
  const list = isLong ? splitLong(record, () => damaged(file, "a list of memos")).payload : record;
  const places = fingerprintsIn(list).map((fingerprint) => placeOf(tree, file, fingerprint));
  const head = record.subarray(0, record.length - list.length);
  tree.put(Buffer.concat([Buffer.of(kinds.rowMemos), key.subarray(1)]), head, packPlaces(places));
}

function* fingerprintsOf(tree: Tree, kind: number): Generator<Fingerprint> {
  for (const key of keysOf(tree, kind)) yield bytesToHex(key.subarray(1)) as Fingerprint;
}

function* keysOf(tree: Tree, kind: number): Generator<Uint8Array> {
  for (let start: Uint8Array = Buffer.of(kind); ; ) {
    const keys = tree.keysFrom(start, after(Buffer.of(kind)), keysInARow);
    yield* keys;
    if (keys.length < keysInARow) return;
    start = justAfter(keys.at(-1)!);
  }
}

function fingerprintsIn(packed: Uint8Array): Fingerprint[] {
  return (bytesToHex(packed).match(/.{32}/g) ?? []) as Fingerprint[];
}

function putOldMemo(tree: Tree, fingerprint: Fingerprint, { references, place }: OldMemo): void {
  const content = Buffer.allocUnsafe(12);
  content.writeUInt32LE(references, 0);
  content.writeDoubleLE(place, 4);
  tree.put(fingerprintKey(kinds.oldMemo, fingerprint), content);
}

function readOldMemo(content: Uint8Array): OldMemo {
  const view = new DataView(content.buffer, content.byteOffset);
  return { references: view.getUint32(0, true), place: view.getFloat64(4, true) };
}

function takeReferences(tree: Tree, file: string, fingerprint: Fingerprint): number {
  const content = take(tree, file, fingerprintKey(kinds.oldMemoReferences, fingerprint));
  return content ? new DataView(content.buffer, content.byteOffset).getUint32(0, true) : 0;
}

/** A copy of a record that is removed. */
function take(tree: Tree, file: string, key: Uint8Array): Uint8Array | null {
  const content = tree.get(key, () => damaged(file, "a memo"))?.slice();
  if (content === undefined) return null;
  tree.remove(key);
  return content;
}

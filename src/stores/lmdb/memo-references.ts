import { numberedKey } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import type { Tree } from "./tree.ts";

/** How many memos, one place after the other, share a record of their numbers of references. */
const placesInARecord = 64;
const noReferences = Buffer.alloc(placesInARecord * 4);

/** The number of references of a memo, before and after it changed. */
export type Changed = (place: number, before: number, after: number) => void;

/**
 * Changes the numbers of rows that refer to memos, by their places. Those of a row came together, mostly, and lie in
 * the same record.
 */
export function changeReferences(
  tree: Tree,
  file: string,
  changes: ReadonlyMap<number, number>,
  changed: Changed,
): void {
  const places = Float64Array.from(changes.keys()).sort();
  for (let from = 0; from < places.length; ) {
    const number = Math.floor(places[from]! / placesInARecord);
    const record = readNumbers(tree, file, number);
    let until = from;
    let differs = false;
    for (; until < places.length; until++) {
      const place = places[until]!;
      const at = place - number * placesInARecord;
      if (at >= placesInARecord) break;
      const before = record.readUInt32LE(at * 4);
      const after = Math.max(0, before + changes.get(place)!);
      record.writeUInt32LE(after, at * 4);
      differs ||= before !== after;
      changed(place, before, after);
    }
    if (differs) putNumbers(tree, number, record);
    from = until;
  }
}

function readNumbers(tree: Tree, file: string, number: number): Buffer {
  const key = numberedKey("memoReferences", number);
  const content = tree.get(key, () => damaged(file, "the numbers of references to memos"));
  return Buffer.from(content ?? noReferences);
}

function putNumbers(tree: Tree, number: number, record: Buffer): void {
  const key = numberedKey("memoReferences", number);
  if (record.equals(noReferences)) tree.remove(key);
  else tree.put(key, record);
}

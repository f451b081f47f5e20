import { randomInt } from "node:crypto";
import type { RowPlace } from "./keyed-records.ts";
import { countKey } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import type { Tree } from "./tree.ts";

/** How many version records a source has, and a number that changes with each that comes or goes. */
export interface RowCount {
  readonly rows: number;
  readonly changes: number;
}

export const noRows: RowCount = { rows: 0, changes: 0 };

export function readRowCount(tree: Tree, place: RowPlace): RowCount {
  const key = countKey(place.flowNumber, place.source);
  const where = { flow: place.flow, source: String(place.source) };
  const content = tree.get(key, () =>
    damaged(place.file, `the count of rows of source ${place.source}`, where),
  );
  if (!content) return noRows;
  const view = new DataView(content.buffer, content.byteOffset);
  return { rows: view.getFloat64(0, true), changes: view.getFloat64(8, true) };
}

export function putRowCount(tree: Tree, place: RowPlace, count: RowCount): void {
  const content = new DataView(new ArrayBuffer(16));
  content.setFloat64(0, count.rows, true);
  content.setFloat64(8, count.changes, true);
  tree.put(countKey(place.flowNumber, place.source), new Uint8Array(content.buffer));
}

/** The count after one more change. A count that was removed begins anew where no earlier one was. */
export function changed(count: RowCount, rows: number): RowCount {
  return { rows, changes: count.changes === 0 ? 1 + randomInt(2 ** 40) : count.changes + 1 };
}

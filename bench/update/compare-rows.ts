import type { Operation } from "./counts.ts";

export interface RowDifference {
  readonly rows: number;
  /** Rows that are there and should not be. */
  readonly stale: number;
  /** Rows that should be there and are not. */
  readonly missing: number;
}

/** Compares what a target holds after some operations with what it should, by files and texts, since ids may differ. */
export function compareRows(done: Iterable<Operation>, rebuilt: Iterable<Operation>): RowDifference {
  const held = countRows(done);
  const wanted = countRows(rebuilt);
  const more = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>) =>
    [...a].reduce((sum, [row, count]) => sum + Math.max(0, count - (b.get(row) ?? 0)), 0);
  const rows = [...held.values()].reduce((sum, count) => sum + count, 0);
  return { rows, stale: more(held, wanted), missing: more(wanted, held) };
}

function countRows(operations: Iterable<Operation>): Map<string, number> {
  const rows = new Map<string, string>();
  for (const operation of operations) {
    if (operation.op === "delete") rows.delete(operation.id);
    else rows.set(operation.id, `${operation.file}\n${operation.text}`);
  }
  const counts = new Map<string, number>();
  for (const row of rows.values()) counts.set(row, (counts.get(row) ?? 0) + 1);
  return counts;
}

import type { Table } from "@lancedb/lancedb";
import { isConflict } from "./lance-error.ts";
import { indexConfig, type LanceIndex } from "./lance-index.ts";
import type { LancePackage } from "./lance-package.ts";

/**
 * Makes the indexes that are wanted and not there yet. One over vectors must learn from rows, so it is made when there
 * are enough of them; until then a search looks at every row.
 */
export async function makeIndexes(
  lancedb: LancePackage,
  table: Table,
  indexes: readonly LanceIndex[],
): Promise<void> {
  if (indexes.length === 0) return;
  const there = new Set((await table.listIndices()).flatMap(({ columns }) => columns));
  for (const index of indexes) {
    if (there.has(index.field) || !(await isDue(table, index))) continue;
    await table.createIndex(index.field, { config: indexConfig(lancedb, index) });
  }
}

async function isDue(table: Table, index: LanceIndex): Promise<boolean> {
  if (index.kind === "text") return true;
  return (await table.countRows(`\`${index.field}\` IS NOT NULL`)) >= index.method.fromRows;
}

/**
 * Joins the small pieces that writes leave, brings the indexes up to the rows, and forgets versions that were replaced
 * longer ago than `keepVersionsMs`. Where another writer is faster, that is left for the next time.
 */
export async function compact(table: Table, keepVersionsMs: number): Promise<void> {
  try {
    await table.optimize({ cleanupOlderThan: new Date(Date.now() - keepVersionsMs) });
  } catch (thrown) {
    if (!isConflict(thrown)) throw thrown;
  }
}

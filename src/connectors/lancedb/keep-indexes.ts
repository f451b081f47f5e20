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

/** So many pieces are joined, so many rows brought into the indexes, so many versions forgotten; fewer cost little. */
const piecesJoined = 32;
const rowsIndexed = 4_096;
const versionsForgotten = 32;

/**
 * Joins the small pieces that writes leave, brings the indexes up to the rows, and forgets versions that were replaced
 * before `keepVersionsMs`; all of this only where enough has gathered, since joining writes the rows again. Where
 * another writer is faster, it is left for the next time.
 */
export async function compact(table: Table, keepVersionsMs: number): Promise<void> {
  const cleanupOlderThan = new Date(Date.now() - keepVersionsMs);
  if (!(await hasGathered(table, cleanupOlderThan))) return;
  try {
    await table.optimize({ cleanupOlderThan });
  } catch (thrown) {
    if (!isConflict(thrown)) throw thrown;
  }
}

async function hasGathered(table: Table, keptFrom: Date): Promise<boolean> {
  const { fragmentStats } = await table.stats();
  if (fragmentStats.numSmallFragments >= piecesJoined) return true;
  const indexes = await table.listIndices();
  if (indexes.some(({ numUnindexedRows }) => (numUnindexedRows ?? 0) >= rowsIndexed)) return true;
  const versions = await table.listVersions();
  return versions.filter(({ timestamp }) => timestamp <= keptFrom).length >= versionsForgotten;
}

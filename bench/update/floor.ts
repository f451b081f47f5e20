import { join } from "node:path";
import { diskBytes, givenTask, printCounts } from "./counts.ts";
import { type FloorState, readState } from "./floor/floor-state.ts";
import type { Listing } from "./floor/list-tree.ts";
import { listTree } from "./floor/list-tree.ts";
import { updateRows } from "./floor/update-rows.ts";

/*
 * The floor: a bare Node program that does what no program can avoid which keeps rows equal to files, and does not pay
 * for an embedding twice. It has no lock, no engine, one pass and one durable write at its end: a crash costs all that
 * was done before. It is there to be compared with, not to be used.
 */

const task = givenTask();
const file = join(task.state, "state");
const state = readState(file);
const listing = listTree(task.corpus);
const work =
  state !== null && isCurrent(state)
    ? {
        filesRead: 0,
        chunks: 0,
        embedCalls: 0,
        embedTexts: 0,
        targetCalls: 0,
        targetWrites: 0,
        targetDeletes: 0,
      }
    : await updateRows(task, listing, { file, state });
printCounts({ ...work, transactions: work.filesRead > 0 ? 1 : 0, storeBytes: diskBytes(task.state) });

function isCurrent({ splitter, listing: before }: FloorState): boolean {
  return task.mode === "update" && splitter === task.splitter && isSame(before, listing);
}

function isSame(before: Listing, now: Listing): boolean {
  const bytes = ({ stats }: Listing) => Buffer.from(stats.buffer, stats.byteOffset, stats.byteLength);
  return before.names === now.names && bytes(before).equals(bytes(now));
}

import { randomInt } from "node:crypto";
import type { OwnerPlace } from "./keyed-records.ts";
import { ownerCountKey } from "./keys.ts";
import { damaged } from "./lmdb-errors.ts";
import type { Tree } from "./tree.ts";

/**
 * How many keys the owner index of a target has, how many of them are owed something, and a number that changes
 * whenever one of the two does: by it a scan knows whether it found all.
 */
export interface OwnerCount {
  readonly all: number;
  readonly owed: number;
  readonly changes: number;
}

export const noOwners: OwnerCount = { all: 0, owed: 0, changes: 0 };

export function readOwnerCount(tree: Tree, { flow, flowNumber, target, file }: OwnerPlace): OwnerCount {
  const where = { flow, target: String(target) };
  const content = tree.get(ownerCountKey(flowNumber, target), () =>
    damaged(file, `the count of owners of target ${target} of flow ${flow}`, where),
  );
  if (!content) return noOwners;
  const view = new DataView(content.buffer, content.byteOffset);
  return {
    all: view.getFloat64(0, true),
    owed: view.getFloat64(8, true),
    changes: view.getFloat64(16, true),
  };
}

export function putOwnerCount(tree: Tree, { flowNumber, target }: OwnerPlace, count: OwnerCount): void {
  const content = new DataView(new ArrayBuffer(24));
  content.setFloat64(0, count.all, true);
  content.setFloat64(8, count.owed, true);
  content.setFloat64(16, count.changes, true);
  tree.put(ownerCountKey(flowNumber, target), new Uint8Array(content.buffer));
}

/** The count after one more change. One that was removed begins anew where no earlier one was. */
export function recounted(
  count: OwnerCount,
  by: { readonly all: number; readonly owed: number },
): OwnerCount {
  const changes = count.changes === 0 ? 1 + randomInt(2 ** 40) : count.changes + 1;
  return { all: count.all + by.all, owed: count.owed + by.owed, changes };
}

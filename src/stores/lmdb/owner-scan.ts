import type { FlowId, StoredOwner, TargetId } from "../../contracts/state-store.ts";
import type { Environment } from "./environment.ts";
import { readFlow } from "./flow-record.ts";
import { damagedKeyed, type OwnerPlace } from "./keyed-records.ts";
import { damaged } from "./lmdb-errors.ts";
import { type OwnerCount, readOwnerCount } from "./owner-count.ts";
import { parseOwner, readOwner } from "./owner-records.ts";
import { PageBuilder } from "./page-builder.ts";
import type { Tree } from "./tree.ts";

/** What a pass over the owner index of a target asks for. */
export interface OwnerScan {
  readonly flow: FlowId;
  readonly target: TargetId;
  readonly owedOnly: boolean;
}

/**
 * The owner index of a target in pages, each from a read transaction of its own that goes on after the last key:
 * however long the consumer takes, no old pages are kept from being used again. What is owed is found by its marks,
 * so that it costs as much as is owed. `toRead` gives the environment with all that was committed before.
 */
export async function* scanOwners(
  toRead: () => Environment,
  { flow, target, owedOnly }: OwnerScan,
): AsyncGenerator<readonly StoredOwner[]> {
  const { tree, file } = toRead();
  const known = readFlow(tree, file, flow);
  if (!known) return;
  const place: OwnerPlace = { flow, flowNumber: known.id, target, file };
  const before = readOwnerCount(tree, place);
  const builder = new PageBuilder(owedOnly ? "owed" : "owner", place);
  let found = 0;
  let undisturbed = true;
  for (;;) {
    const page = readPage(tree, builder, { place, owedOnly });
    undisturbed &&= readOwnerCount(tree, place).changes === before.changes;
    tree.refresh();
    if (page.length === 0) break;
    found += page.length;
    yield page;
    toRead();
  }
  if (undisturbed) checkCount(found, before, { place, owedOnly });
}

function readPage(
  tree: Tree,
  builder: PageBuilder,
  { place, owedOnly }: { readonly place: OwnerPlace; readonly owedOnly: boolean },
): StoredOwner[] {
  const page = builder.read(tree);
  const owners: StoredOwner[] = [];
  for (let i = 0, at = 0; i < (page?.count ?? 0); i++) {
    const [keyEnd, end] = [page!.ends[i * 2]!, page!.ends[i * 2 + 1]!];
    const key = page!.bytes.slice(at, keyEnd);
    const owner = owedOnly
      ? readOwner(tree, place, key)
      : parseOwner(page!.bytes.subarray(keyEnd, end), place, key);
    if (owner === null || (owedOnly && !owner.owed)) throw damagedKeyed("owner", place, key);
    owners.push({ key, record: owner.record.slice() });
    at = end;
  }
  return owners;
}

/** A key that is not found any more, though nobody wrote meanwhile, would be a target row that nobody looks after. */
function checkCount(
  found: number,
  count: OwnerCount,
  { place, owedOnly }: { readonly place: OwnerPlace; readonly owedOnly: boolean },
): void {
  const expected = owedOnly ? count.owed : count.all;
  if (found === expected) return;
  const what = `target ${place.target} of flow ${place.flow} has ${expected} ${owedOnly ? "keys that are owed something" : "keys in the owner index"}, and ${found} were found`;
  throw damaged(place.file, what, { flow: place.flow, target: String(place.target) });
}

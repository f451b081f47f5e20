import { damagedKeyed, type OwnerPlace, putKeyed, readKeyed } from "./keyed-records.ts";
import type { Tree } from "./tree.ts";

/** What is kept of a target key: the caller's record, and whether there is a mark that the key is owed something. */
export interface OwnerRecord {
  readonly owed: boolean;
  readonly record: Uint8Array;
}

const flags = [Uint8Array.of(0), Uint8Array.of(1)] as const;

/** Views that are valid until the next read; null when nothing is kept of the key. */
export function readOwner(tree: Tree, place: OwnerPlace, key: Uint8Array): OwnerRecord | null {
  const payload = readKeyed(tree, "owner", place, key);
  return payload && parseOwner(payload, place, key);
}

export function putOwner(
  tree: Tree,
  at: { readonly place: OwnerPlace; readonly key: Uint8Array },
  { owed, record }: OwnerRecord,
): void {
  putKeyed(tree, { kind: "owner", ...at }, flags[owed ? 1 : 0], record);
}

/** A byte that says whether the key is owed something comes first: a write sees by it whether there is a mark. */
export function parseOwner(payload: Uint8Array, place: OwnerPlace, key: Uint8Array): OwnerRecord {
  if (payload.length === 0) throw damagedKeyed("owner", place, key);
  return { owed: payload[0] === 1, record: payload.subarray(1) };
}

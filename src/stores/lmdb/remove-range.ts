import { after } from "./keys.ts";
import type { Tree } from "./tree.ts";

/** Keys that are held at a time while a range is removed. */
export const removedInARow = 1000;

/** Removes every record whose key begins with the prefix. Within a transaction. */
export function removeRange(tree: Tree, prefix: Uint8Array): void {
  removeEach(tree, prefix, (key) => tree.remove(key));
}

/** Calls `remove`, which must remove it, with every key that begins with the prefix. */
export function removeEach(tree: Tree, prefix: Uint8Array, remove: (key: Uint8Array) => void): void {
  for (;;) {
    const keys = tree.keysFrom(prefix, after(prefix), removedInARow);
    if (keys.length === 0) return;
    for (const key of keys) remove(key);
  }
}

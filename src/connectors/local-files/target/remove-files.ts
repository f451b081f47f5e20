import { rmdirSync, unlinkSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { joinName, lookAt } from "../look-at.ts";
import { isMissing, systemCode } from "../source-root.ts";
import { flushDirectories } from "./durably.ts";
import type { OpenDirectory } from "./target-directory.ts";
import { parentsOf, Ways } from "./way.ts";

/** So many files are removed before others have their turn. */
const sliceLength = 200;

/** Removes those of the files that are the target's, and the directories that are then empty. */
export async function removeFiles(directory: OpenDirectory, paths: Iterable<string>): Promise<void> {
  const { root, list, durable } = directory;
  const ours = [...paths].filter((path) => list.paths.has(path));
  if (ours.length === 0) return;
  const ways = new Ways(root);
  const parents = new Set<string>();
  for (const [index, path] of ours.entries()) {
    if (index % sliceLength === sliceLength - 1) await setImmediate();
    // What a directory has given place to, or a link, holds nothing of ours.
    if (!ways.isOpen(path)) continue;
    removeFile(joinName(root, path));
    for (const parent of parentsOf(path)) parents.add(parent);
  }
  const left = removeEmpty(root, parents);
  if (durable)
    await flushDirectories([root, ...left].map((path) => (path === root ? root : joinName(root, path))));
  await list.strike(ours);
}

/** A link goes, and not what it leads to; a directory that has taken the file's place stays. */
function removeFile(path: string): void {
  const seen = lookAt(path);
  if (seen === undefined || seen.isDirectory()) return;
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Removes those that are empty; the others are what it returns. */
export function removeEmpty(root: string, directories: Iterable<string>): string[] {
  // The longest first, so that a directory comes after all that it holds.
  const inside = [...directories].sort((a, b) => b.length - a.length);
  return inside.filter((path) => !isRemoved(joinName(root, path)));
}

/** Removes a directory if it is empty. */
export function isRemoved(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return true;
    if (notRemovable.has(systemCode(error))) return false;
    throw error;
  }
}

/** Not empty, where others are at work, or a mount point. */
const notRemovable: ReadonlySet<string | undefined> = new Set([
  "ENOTEMPTY",
  "EEXIST",
  "ENOTDIR",
  "EBUSY",
  "EPERM",
  "EACCES",
]);

import { rmdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { joinName, lookAt } from "../look-at.ts";
import { systemCode } from "../source-root.ts";
import { flushDirectories } from "./durably.ts";
import { forEachFile } from "./several-at-once.ts";
import type { OpenDirectory } from "./target-directory.ts";
import { Ways } from "./way.ts";

/** Removes those of the files that are the target's, and the directories that are then empty. */
export async function removeFiles(directory: OpenDirectory, paths: Iterable<string>): Promise<void> {
  const { root, list, durable } = directory;
  const ours = [...paths].filter((path) => list.paths.has(path));
  if (ours.length === 0) return;
  const ways = new Ways(root);
  const parents = new Set<string>();
  await forEachFile(ours, async (path) => {
    // What a directory has given place to, or a link, holds nothing of ours.
    if (ways.isOpen(path)) await removeFile(joinName(root, path));
    // Also where a crash came between the removal of a directory and that of the one above.
    for (const parent of ways.openParents(path)) parents.add(parent);
  });
  const left = removeEmpty(root, parents);
  if (durable) await flushDirectories([root, ...left.map((path) => joinName(root, path))]);
  await list.strike(ours);
}

/**
 * A link goes, and not what it leads to; a directory that has taken the file's place stays. Asynchronous: ext4 lets
 * each removal of a file that was written lately wait, and several at once wait together.
 */
async function removeFile(path: string): Promise<void> {
  const seen = lookAt(path);
  if (seen !== undefined && !seen.isDirectory()) await rm(path, { force: true });
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

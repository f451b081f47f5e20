import { dirname } from "node:path";
import { isSluiceError, SluiceError } from "../../../errors/index.ts";
import { lookAt } from "../look-at.ts";
import { describeFailure } from "../source-root.ts";
import { flushDirectories } from "./durably.ts";
import { isRemoved, removeFiles } from "./remove-files.ts";
import { type DirectoryPlace, openDirectory, readDirectoryList, removeControl } from "./target-directory.ts";

/** What setup knows of a directory. */
export interface DirectoryState {
  readonly suffix: string;
}

/** The state of a directory that is a target's; null where it is none. */
export function inspectDirectory(place: DirectoryPlace): DirectoryState | null {
  const head = readDirectoryList(place)?.list.head;
  return head ? { suffix: head.suffix } : null;
}

/** Makes the directory, and the list of the target's files in it; one that is there stays as it is. */
export async function setUpDirectory(place: DirectoryPlace, suffix: string): Promise<void> {
  const isNew = lookAt(place.path) === undefined;
  try {
    const { root, list } = await openDirectory(place, true);
    await list.setHead({ madeDirectory: isNew || (list.head?.madeDirectory ?? false), suffix });
    await flushDirectories([root, dirname(place.path)]);
  } catch (error) {
    if (isSluiceError(error)) throw error;
    throw new SluiceError(
      "setup-failed",
      `directory ${place.given} cannot be made: ${describeFailure(error)}`,
      {
        hint: "Give another directory, or make the one above it writable for the user that runs Sluice.",
        cause: error,
      },
    );
  }
}

/** Removes the target's files and its list, and the directory if the target made it and nothing else is in it. */
export async function dropDirectory(place: DirectoryPlace): Promise<void> {
  if (readDirectoryList(place) === null) {
    // A drop that was interrupted at its end may have left its last directory.
    removeControl(place.path);
    return;
  }
  const directory = await openDirectory(place, true);
  const { root, list } = directory;
  await removeFiles(directory, list.paths);
  removeControl(root);
  if (list.head?.madeDirectory) isRemoved(place.path);
  await flushDirectories([root, dirname(place.path)]);
}

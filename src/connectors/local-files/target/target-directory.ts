import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { SluiceError } from "../../../errors/index.ts";
import { joinName, lookAt } from "../look-at.ts";
import { describeFailure, isMissing } from "../source-root.ts";
import { FileList } from "./file-list.ts";
import { controlName } from "./row-path.ts";

const listName = "list";

/** The directory of a target: as the user gave it, and where that is. */
export interface DirectoryPlace {
  readonly given: string;
  readonly path: string;
}

export function placeOf(directory: string, appDirectory: string): DirectoryPlace {
  return { given: directory, path: resolve(appDirectory, directory) };
}

/** A directory that is there, with what the target keeps in it. */
export interface OpenDirectory {
  readonly given: string;
  /** Its path without links. */
  readonly root: string;
  readonly list: FileList;
  readonly durable: boolean;
  /** A path for a draft of a file, which nobody else has. */
  draft(): string;
}

/** Opens the directory for writing, and makes it where it is not there; takes away drafts that a crash has left. */
export async function openDirectory(place: DirectoryPlace, durable: boolean): Promise<OpenDirectory> {
  mkdirSync(place.path, { recursive: true });
  const root = realpathSync.native(place.path);
  const control = controlOf(place, root);
  mkdirSync(control, { recursive: true });
  const list = await FileList.open(joinName(control, listName), durable);
  for (const name of readdirSync(control))
    if (name !== listName) rmSync(joinName(control, name), { recursive: true, force: true });
  const writer = randomUUID();
  let drafts = 0;
  return { given: place.given, root, list, durable, draft: () => joinName(control, `${writer}-${drafts++}`) };
}

/** Its root and its list, to be read only; null where there is none. */
export function readDirectoryList(
  place: DirectoryPlace,
): { readonly root: string; readonly list: FileList } | null {
  try {
    const root = realpathSync.native(place.path);
    const list = FileList.read(joinName(controlOf(place, root), listName), false);
    return list && { root, list };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Takes away what the target keeps in a directory for itself; the list last, since it tells what is left to do. */
export function removeControl(root: string): void {
  const control = joinName(root, controlName);
  if (!lookAt(control)?.isDirectory()) return;
  for (const name of readdirSync(control))
    if (name !== listName) rmSync(joinName(control, name), { recursive: true, force: true });
  rmSync(control, { recursive: true, force: true });
}

/** Where the target keeps its own: never through a link, which may lead anywhere. */
function controlOf(place: DirectoryPlace, root: string): string {
  const control = joinName(root, controlName);
  const seen = lookAt(control);
  if (seen === undefined || seen.isDirectory()) return control;
  throw new SluiceError(
    "target-unavailable",
    `directory ${place.given} has a ${controlName} that is no directory`,
    { hint: `Take ${controlName} away: it is where the target keeps the list of its files.` },
  );
}

/** An error of the directory as a whole: no other row would fare better. */
export function directoryError({ given }: DirectoryPlace, cause: unknown): SluiceError {
  return new SluiceError(
    "target-unavailable",
    `directory ${given} takes no files: ${describeFailure(cause)}`,
    {
      hint: "Make room, or the directory writable for the user that runs Sluice.",
      cause,
    },
  );
}

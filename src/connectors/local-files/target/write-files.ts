import { closeSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isSluiceError, SluiceError } from "../../../errors/index.ts";
import { joinName, lookAt } from "../look-at.ts";
import { describeFailure, systemCode } from "../source-root.ts";
import { flushDirectories, flushFile } from "./durably.ts";
import { removeEmpty } from "./remove-files.ts";
import { forEachFile } from "./several-at-once.ts";
import { directoryError, type OpenDirectory } from "./target-directory.ts";
import { parentsOf, Ways } from "./way.ts";

export interface FileToWrite {
  /** Below the root. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

export interface WriteOptions {
  /** Whether files of others are taken over. */
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
}

/**
 * Writes files, each whole or not at all: beside its place, then moved there. On return they are on the disk, where
 * the directory is durable.
 *
 * @throws SluiceError `mutate-failed`, `target-unavailable`; any of the files may then have been written
 */
export async function writeFiles(
  directory: OpenDirectory,
  files: readonly FileToWrite[],
  options: WriteOptions,
): Promise<void> {
  if (files.length === 0) return;
  const { root, list, durable } = directory;
  const fresh = files.map(({ path }) => path).filter((path) => !list.paths.has(path));
  const ways = new Ways(root);
  const written = new Set<string>();
  try {
    for (const { path } of files) clearWay(directory, ways, path);
    if (!options.overwrite) for (const path of fresh) refuseForeign(directory, path);
    await list.add(fresh);
    await forEachFile(files, async (file) => {
      options.signal.throwIfAborted();
      await writeFile(directory, file);
      written.add(file.path);
    });
    if (durable) await flushDirectories(touchedDirectories(root, ways, written));
  } catch (error) {
    removeEmpty(root, ways.made);
    await list.strike(fresh.filter((path) => list.paths.has(path) && !written.has(path)));
    throw error;
  }
}

/** Those that have got a name: of a file, or of a directory. */
function touchedDirectories(root: string, ways: Ways, written: ReadonlySet<string>): Set<string> {
  const parents = [...written, ...ways.made].map((path) => parentsOf(path).at(-1));
  return new Set(parents.map((parent) => (parent === undefined ? root : joinName(root, parent))));
}

/** Synchronous but for the wait for the disk, which costs a fraction of promises. */
async function writeFile(directory: OpenDirectory, { path, content }: FileToWrite): Promise<void> {
  const draft = directory.draft();
  try {
    const descriptor = openSync(draft, "wx");
    try {
      writeFileSync(descriptor, content);
      if (directory.durable) await flushFile(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, joinName(directory.root, path));
  } catch (error) {
    rmSync(draft, { force: true });
    throw fileError(directory, path, error);
  }
}

function clearWay(directory: OpenDirectory, ways: Ways, path: string): void {
  const obstacle = waysOrError(directory, ways, path);
  if (obstacle === null) return;
  const isOurs = directory.list.paths.has(obstacle.path);
  throw new SluiceError(
    "mutate-failed",
    `cannot write ${shown(path)} in directory ${directory.given}: ${shown(obstacle.path)} is a ${obstacle.kind}`,
    {
      hint: isOurs
        ? "It is the file of another row: one of them needs another path, unless that row is about to go."
        : `Move it away: files are written into directories of their own, and never through links.`,
    },
  );
}

function waysOrError(directory: OpenDirectory, ways: Ways, path: string) {
  try {
    return ways.make(path);
  } catch (error) {
    throw fileError(directory, path, error);
  }
}

/** Two rows whose names the file system does not tell apart come to this as well. */
function refuseForeign(directory: OpenDirectory, path: string): void {
  let seen: ReturnType<typeof lookAt>;
  try {
    seen = lookAt(joinName(directory.root, path));
  } catch (error) {
    throw fileError(directory, path, error);
  }
  if (seen === undefined) return;
  throw new SluiceError(
    "mutate-failed",
    `${shown(path)} in directory ${directory.given} is there already, and not as the file of this row`,
    {
      hint: seen.isDirectory()
        ? "Move the directory away, or give the row another path."
        : "Move it away, give the row another path, or set overwrite: true to take files over.",
    },
  );
}

/** What fails for all files alike: the disk is full, or cannot be written. */
const failsForAll: ReadonlySet<string | undefined> = new Set([
  "ENOSPC",
  "EDQUOT",
  "EROFS",
  "EIO",
  "EMFILE",
  "ENFILE",
  "ESTALE",
]);

function fileError(directory: OpenDirectory, path: string, cause: unknown): unknown {
  const code = systemCode(cause);
  if (code === undefined || isSluiceError(cause)) return cause;
  if (failsForAll.has(code)) return directoryError({ given: directory.given, path: directory.root }, cause);
  const isTaken = code === "EISDIR" || code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR";
  return new SluiceError(
    "mutate-failed",
    `cannot write ${shown(path)} in directory ${directory.given}: ${isTaken ? "a directory has its place" : describeFailure(cause)}`,
    { cause },
  );
}

function shown(path: string): string {
  return JSON.stringify(path);
}

import { statfsSync } from "node:fs";
import { type ErrorPlace, isSluiceError, messageOf, SluiceError } from "../../errors/index.ts";

/** Below this much free space an I/O error of a write is taken for a full disk. */
const nearlyNothing = 1 << 20;

/** The error for a store whose file or a record in it is not what was written. */
export function damaged(file: string, what: string, where: ErrorPlace = {}): SluiceError {
  return new SluiceError("store-damaged", `the store ${file} is damaged: ${what}`, {
    hint: "Nothing was deleted. Restore the file from a backup, or remove it, set up and update again: rows that left the sources since then stay in the targets.",
    where,
  });
}

export function closed(): SluiceError {
  return new SluiceError("store-closed", "the store was used after close()");
}

/** The error for reading a store that nobody has made yet, or not to its end. */
export function missing(file: string): SluiceError {
  return new SluiceError("store-missing", `there is no store at ${file}`, {
    hint: "An update or a setup makes it.",
  });
}

export function unwritable(message: string, cause?: unknown): SluiceError {
  const hint = "Check the path and its permissions, or choose another place for the store.";
  return new SluiceError("store-unwritable", message, { hint, cause });
}

/** What LMDB or the file system threw when the store was written, as an error of ours. */
export function writeFailure(thrown: unknown, file: string): SluiceError {
  if (isSluiceError(thrown)) return thrown;
  const code = codeOf(thrown);
  if (isFull(code) || (isInputOutput(code) && hasNoSpace(file))) {
    return new SluiceError("store-full", `there is no space left for the store ${file}`, {
      hint: "Nothing of this write was kept. Make room on the disk and run the update again.",
      cause: thrown,
    });
  }
  if (isBroken(code)) return damaged(file, messageOf(thrown));
  return unwritable(`the store ${file} could not be written: ${messageOf(thrown)}`, thrown);
}

/** What LMDB threw when the store was read. */
export function readFailure(thrown: unknown, file: string): SluiceError {
  if (isSluiceError(thrown)) return thrown;
  return damaged(file, messageOf(thrown));
}

function codeOf(thrown: unknown): unknown {
  return typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
}

/** ENOSPC and EDQUOT of the file system, MDB_MAP_FULL. */
function isFull(code: unknown): boolean {
  return code === "ENOSPC" || code === "EDQUOT" || code === 28 || code === 122 || code === -30792;
}

/** LMDB calls a write that was cut short an input/output error, whatever cut it short. */
function isInputOutput(code: unknown): boolean {
  return code === "EIO" || code === 5;
}

/** MDB_PAGE_NOTFOUND, MDB_CORRUPTED, MDB_VERSION_MISMATCH, MDB_INVALID. */
function isBroken(code: unknown): boolean {
  return code === -30797 || code === -30796 || code === -30794 || code === -30793;
}

function hasNoSpace(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(file);
    return bavail * bsize < nearlyNothing;
  } catch {
    return false;
  }
}

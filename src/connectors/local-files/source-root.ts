import { type BigIntStats, realpathSync, statSync } from "node:fs";
import { posix, sep } from "node:path";
import { messageOf, SluiceError } from "../../errors/index.ts";

/** The directory of a source: as the user gave it, and where that is. */
export interface SourceRoot {
  readonly given: string;
  readonly path: string;
  /** False where a directory may change its inode number although it is the same. */
  readonly stableInodes: boolean;
}

/** A root at one moment: its path without links, and what tells it from a later directory of the same path. */
export interface RealRoot {
  readonly real: string;
  readonly stats: BigIntStats;
}

/** @throws SluiceError `listing-failed` when the root is not a directory that can be looked at */
export function openRoot(root: SourceRoot): RealRoot {
  try {
    const real = realpathSync.native(root.path);
    const stats = statSync(real, { bigint: true });
    if (stats.isDirectory()) return { real, stats };
  } catch (error) {
    throw rootError(root, error);
  }
  throw new SluiceError("listing-failed", `cannot list ${describeRoot(root)}: it is not a directory`, {
    hint: "The path of a localFiles source is a directory; pick single files with includedPatterns.",
  });
}

/** Whether the root's path still leads to the same directory, in the same place. */
export function isSameRoot(root: SourceRoot, known: RealRoot): boolean {
  try {
    const real = realpathSync.native(root.path);
    return real === known.real && isOneRoot(root, known, { real, stats: statSync(real, { bigint: true }) });
  } catch {
    return false;
  }
}

/** Whether two that the root's path has led to are the same directory, in the same place. */
export function isOneRoot(root: SourceRoot, a: RealRoot, b: RealRoot): boolean {
  if (a.real !== b.real) return false;
  if (root.stableInodes) return isSameDirectory(a.stats, b.stats);
  return b.stats.isDirectory() && a.stats.dev === b.stats.dev;
}

export function isInside(root: RealRoot, real: string): boolean {
  const prefix = root.real.endsWith(sep) ? root.real : root.real + sep;
  return real.startsWith(prefix) || real === root.real;
}

/** A path below the root as messages name it: from where the user's own path starts. */
export function showPath(root: SourceRoot, path: string): string {
  return posix.join(root.given, path);
}

export function rootError(root: SourceRoot, cause: unknown): SluiceError {
  const missing = isMissing(cause);
  const what = missing ? "there is no such directory" : describeFailure(cause);
  return new SluiceError("listing-failed", `cannot list ${describeRoot(root)}: ${what}`, {
    hint: missing
      ? "Create the directory or correct path, which is relative to the app directory."
      : "Make the directory readable for the user that runs Sluice.",
    cause,
  });
}

export function rootReplacedError(root: SourceRoot): SluiceError {
  return new SluiceError("listing-failed", `${describeRoot(root)} went away while it was listed`, {
    hint: "Run the update again when the directory is in its place.",
  });
}

/** Whether an error of the file system says that the thing is not there. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** An error of the file system without its path, which the caller names better. */
export function describeFailure(error: unknown): string {
  const code = systemCode(error);
  if (code === "EACCES" || code === "EPERM") return `permission denied (${code})`;
  return messageOf(error).replace(/, \w+ '.*$/s, "");
}

function describeRoot(root: SourceRoot): string {
  const given = JSON.stringify(root.given);
  return root.given === root.path ? given : `${given} (${root.path})`;
}

/**
 * A directory made anew can get the inode number of the one before, so the time of birth counts too; but some
 * file systems have none, and tell the change time in its place; so where both times agree, twice, it says nothing.
 */
export function isSameDirectory(a: BigIntStats, b: BigIntStats): boolean {
  if (a.dev !== b.dev || a.ino !== b.ino) return false;
  const hasBirth = a.birthtimeNs !== a.ctimeNs || b.birthtimeNs !== b.ctimeNs;
  return !hasBirth || a.birthtimeNs === b.birthtimeNs;
}

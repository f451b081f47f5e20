import { closeSync, fsync, openSync } from "node:fs";
import { promisify } from "node:util";
import { isMissing, systemCode } from "../source-root.ts";

const flush = promisify(fsync);

/** Resolves when what was written to a file is on the disk. */
export function flushFile(descriptor: number): Promise<void> {
  return flush(descriptor);
}

/** Resolves when the names in directories are on the disk; those that are gone need not be. */
export async function flushDirectories(paths: Iterable<string>): Promise<void> {
  for (const path of paths) await flushDirectory(path);
}

async function flushDirectory(path: string): Promise<void> {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    // Windows opens no directories, and its file systems write names down by themselves.
    if (isMissing(error) || process.platform === "win32") return;
    throw error;
  }
  try {
    await flush(descriptor);
  } catch (error) {
    // Some file systems cannot.
    if (systemCode(error) !== "EINVAL" && systemCode(error) !== "ENOTSUP") throw error;
  } finally {
    closeSync(descriptor);
  }
}

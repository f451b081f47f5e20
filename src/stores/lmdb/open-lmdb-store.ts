import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StateStore } from "../../contracts/state-store.ts";
import { messageOf, type SluiceError } from "../../errors/index.ts";
import { type Clock, systemClock } from "../../kernel/clock.ts";
import { type EnvironmentUse, useEnvironment } from "./environment.ts";
import { missing, unwritable, writeFailure } from "./lmdb-errors.ts";
import { LmdbStore } from "./lmdb-store.ts";

export interface LmdbStoreOptions {
  /** Where the store's files lie; made when it is not there, with a `.gitignore` for all of it. */
  readonly directory: string;
  /** Refuse to write, and to make a store where there is none. Default false. */
  readonly readOnly?: boolean;
  readonly clock?: Clock;
}

/**
 * Opens the embedded store of a directory. Several processes may have it open; in one process all that open it
 * share one environment. After a crash, a reboot or a change from outside all of it is walked and checked first.
 *
 * @throws `store-missing` where a store is only to be read, `store-unwritable`, `store-full`, `store-damaged`, `store-version`
 *
 * @example
 * const store = await openLmdbStore({ directory: ".sluice" });
 */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<StateStore> {
  const { directory, readOnly = false, clock = systemClock } = options;
  if (readOnly) checkDirectory(directory);
  else prepareDirectory(directory);
  let use: EnvironmentUse;
  try {
    use = await useEnvironment(directory, readOnly);
  } catch (thrown) {
    if (readOnly && codeOf(thrown) === "ENOENT") throw missing(directory);
    throw openFailure(thrown, directory);
  }
  return new LmdbStore(use, { readOnly, clock });
}

/** Where a file is in its place there may be a store elsewhere: that is told from no store at all. Newer Nodes tell neither apart. */
function checkDirectory(directory: string): void {
  const stats = statSync(directory, { throwIfNoEntry: false });
  if (stats === undefined || stats.isDirectory()) return;
  throw unwritable(`the store in ${directory} cannot be opened: that is no directory`);
}

function prepareDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (thrown) {
    throw openFailure(thrown, directory);
  }
  try {
    writeFileSync(join(directory, ".gitignore"), "*\n", { flag: "wx" });
  } catch {
    // It is there already, or what is wrong shows when the store itself is written.
  }
}

function codeOf(thrown: unknown): string {
  return (thrown as NodeJS.ErrnoException).code ?? "";
}

function openFailure(thrown: unknown, directory: string): SluiceError {
  const code = codeOf(thrown);
  if (["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENOENT", "EISDIR"].includes(code)) {
    return unwritable(`the store in ${directory} cannot be opened: ${messageOf(thrown)}`, thrown);
  }
  return writeFailure(thrown, directory);
}

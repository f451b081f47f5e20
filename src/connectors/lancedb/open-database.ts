import { mkdir, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Connection, Table } from "@lancedb/lancedb";
import { isMissingTable } from "./lance-error.ts";
import { type Lance, loadLance } from "./lance-package.ts";
import { isRemote, type LancePlace, resolveDatabase } from "./lance-spec.ts";

/** In a directory that this target made: an empty one that others have made stays when its last table goes. */
const directoryMark = ".made-by-sluice";

/** A database that is open. */
export interface OpenDatabase extends Lance {
  readonly connection: Connection;
  /** Its directory; null in an object store. */
  readonly directory: string | null;
}

/** Opens the database of a place, which need not be there. */
export async function openDatabase(
  place: Pick<LancePlace, "database">,
  appDirectory: string,
): Promise<OpenDatabase> {
  const { uri, storageOptions } = resolveDatabase(place.database);
  const lance = await loadLance();
  const directory = isRemote(uri) ? null : resolve(appDirectory, uri);
  const connection = await lance.lancedb.connect(directory ?? uri, storageOptions ? { storageOptions } : {});
  return { ...lance, connection, directory };
}

/** The table of a name, as it is now; null where there is none. */
export async function openTable({ connection }: OpenDatabase, name: string): Promise<Table | null> {
  try {
    return await connection.openTable(name);
  } catch (thrown) {
    if (isMissingTable(thrown)) return null;
    throw thrown;
  }
}

export async function makeDirectory(directory: string): Promise<void> {
  const made = await mkdir(directory, { recursive: true });
  if (made !== undefined) await writeFile(join(directory, directoryMark), "");
}

/** Removes a directory that {@link makeDirectory} made and that nothing is in any more. */
export async function tidyDirectory(directory: string): Promise<void> {
  const held = await readdir(directory).catch(() => []);
  if (held.length !== 1 || held[0] !== directoryMark) return;
  await rm(join(directory, directoryMark), { force: true });
  await rmdir(directory);
}

import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Connection, Table } from "@lancedb/lancedb";
import { isMissingTable } from "./lance-error.ts";
import { type Lance, loadLance } from "./lance-package.ts";
import { isRemote, type LancePlace, resolveDatabase } from "./lance-spec.ts";

/** In a directory that this target made: an empty one that others have made stays when its last table goes. */
const directoryMark = ".made-by-sluice";
/** What LanceDB keeps of its own beside tables. */
const ownDirectory = "__manifest";

/** A database that is open. */
export interface OpenDatabase extends Lance {
  readonly connection: Connection;
  /** Its directory; null in an object store. */
  readonly directory: string | null;
}

/** Opens the database of a place; null where its directory is not there. LanceDB itself would make one. */
export async function openDatabase(
  place: Pick<LancePlace, "database">,
  appDirectory: string,
): Promise<OpenDatabase | null> {
  const { uri, storageOptions } = resolveDatabase(place.database);
  const directory = isRemote(uri) ? null : resolve(appDirectory, uri);
  if (directory !== null && !existsSync(directory)) return null;
  const lance = await loadLance();
  const connection = await lance.lancedb.connect(directory ?? uri, storageOptions ? { storageOptions } : {});
  return { ...lance, connection, directory };
}

/** Opens the database of a place, and makes its directory where there is none. */
export async function makeDatabase(place: LancePlace, appDirectory: string): Promise<OpenDatabase> {
  const { uri } = resolveDatabase(place.database);
  if (!isRemote(uri)) await makeDirectory(resolve(appDirectory, uri));
  const database = await openDatabase(place, appDirectory);
  if (database === null) throw new Error(`No such file or directory: ${uri}`);
  return database;
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

async function makeDirectory(directory: string): Promise<void> {
  const made = await mkdir(directory, { recursive: true });
  if (made !== undefined) await writeFile(join(directory, directoryMark), "");
}

/** Removes a directory that {@link makeDirectory} made and that no table is in any more. */
export async function tidyDirectory(directory: string): Promise<void> {
  const held = await readdir(directory).catch((): string[] => []);
  const isOurs = held.includes(directoryMark);
  if (!isOurs || held.some((name) => name !== directoryMark && name !== ownDirectory)) return;
  await rm(directory, { recursive: true, force: true });
}

import type { Table } from "@lancedb/lancedb";
import type { SetupChange } from "../../contracts/target.ts";
import { SluiceError } from "../../errors/index.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { arrowField, arrowSchema, readState, stateMetadata } from "./arrow-fields.ts";
import { makeIndexes } from "./keep-indexes.ts";
import { describePlace, type LancePlace, placeOf } from "./lance-spec.ts";
import { makeDatabase, type OpenDatabase, openDatabase, openTable, tidyDirectory } from "./open-database.ts";
import { compareStates, type TableState } from "./table-state.ts";

/** Brings a table from what it is to what it must be; what was done already is left. */
export async function changeTable(change: SetupChange<TableState>, appDirectory: string): Promise<void> {
  const place = placeOf(change.key);
  const database = await (change.current === null ? openDatabase : makeDatabase)(place, appDirectory);
  if (database === null) return;
  try {
    const table = await openTable(database, place.table);
    try {
      if (change.current === null) await dropTable(database, place, table);
      else if (table) await alterTable(database, { place, table, wanted: change.current });
      else await createTable(database, place.table, change.current);
    } finally {
      table?.close();
    }
  } finally {
    database.connection.close();
  }
}

/** The state that a table is in; null where there is none of ours. */
export async function inspectTable(place: LancePlace, appDirectory: string): Promise<TableState | null> {
  const database = await openDatabase(place, appDirectory);
  if (database === null) return null;
  try {
    const table = await openTable(database, place.table);
    if (!table) return null;
    const schema = await table.schema();
    const state = readState(schema);
    const there = new Set(schema.fields.map(({ name }) => name));
    table.close();
    return state && { ...state, columns: state.columns.filter(({ name }) => there.has(name)) };
  } finally {
    database.connection.close();
  }
}

async function createTable(database: OpenDatabase, name: string, wanted: TableState): Promise<void> {
  const { connection, arrow, lancedb } = database;
  const table = await connection.createEmptyTable(name, arrowSchema(arrow, wanted));
  await makeIndexes(lancedb, table, wanted.indexes);
  table.close();
}

async function dropTable(database: OpenDatabase, place: LancePlace, table: Table | null): Promise<void> {
  if (table) {
    if (readState(await table.schema()) === null) throw foreign(place, "is not dropped");
    await database.connection.dropTable(place.table);
  }
  if (database.directory !== null) await tidyDirectory(database.directory);
}

interface Alteration {
  readonly place: LancePlace;
  readonly table: Table;
  readonly wanted: TableState;
}

async function alterTable(database: OpenDatabase, { place, table, wanted }: Alteration): Promise<void> {
  const schema = await table.schema();
  const found = readState(schema);
  if (found === null) throw foreign(place, "is left as it is");
  if (compareStates(found, wanted) === "destructive") {
    throw new SluiceError("setup-failed", `${describePlace(place)} is there with other columns`, {
      hint: "Remove the table, or let the export have another one.",
    });
  }
  const there = schema.fields.map(({ name }) => name);
  await dropIndexes(table, found, wanted);
  const more = wanted.columns.filter(({ name }) => !there.includes(name));
  if (more.length > 0) await table.addColumns(more.map((column) => arrowField(database.arrow, column)));
  const less = there.filter((name) => !wanted.columns.some((column) => column.name === name));
  if (less.length > 0) await table.dropColumns(less);
  await makeIndexes(database.lancedb, table, wanted.indexes);
  if (canonicalJson(found) === canonicalJson(wanted)) return;
  const marked = schema.fields.find(({ metadata }) => metadata.size > 0)!;
  await table.updateFieldMetadata([{ path: marked.name, metadata: stateMetadata(wanted) }]);
}

/** Drops the indexes that are not wanted as they are. */
async function dropIndexes(table: Table, found: TableState, wanted: TableState): Promise<void> {
  const kept = new Set(
    found.indexes
      .filter((index) => wanted.indexes.some((other) => canonicalJson(other) === canonicalJson(index)))
      .map(({ field }) => field),
  );
  for (const { name, columns } of await table.listIndices()) {
    if (!columns.every((column) => kept.has(column))) await table.dropIndex(name);
  }
}

function foreign(place: LancePlace, what: string): SluiceError {
  return new SluiceError("setup-conflict", `${describePlace(place)} was not made by Sluice and ${what}`, {
    hint: "Let the export have another table, or say `setupByUser: true` to write to this one.",
  });
}

import type { Table } from "@lancedb/lancedb";
import type { PrepareContext, TargetRow } from "../../contracts/target.ts";
import { SluiceError } from "../../errors/index.ts";
import { compact, makeIndexes } from "./keep-indexes.ts";
import type { LanceColumn } from "./lance-column.ts";
import { isConflict, lanceError } from "./lance-error.ts";
import { type LanceIndex, planIndexes } from "./lance-index.ts";
import { describePlace, type LancePlace, type LanceSpec } from "./lance-spec.ts";
import { type OpenDatabase, openDatabase, openTable } from "./open-database.ts";
import { readRows } from "./read-rows.ts";
import { lanceColumns } from "./table-state.ts";
import { type Fields, type RowMutation, writeRows } from "./write-rows.ts";

/** Each write is a version, and each version has files: after so many they are joined. */
const commitsBetweenCompactions = 32;

interface Parts {
  readonly place: LancePlace;
  readonly appDirectory: string;
  readonly columns: readonly LanceColumn[];
  readonly indexes: readonly LanceIndex[];
  readonly keepVersionsMs: number;
}

interface Opened {
  readonly database: OpenDatabase;
  readonly table: Table;
}

/** A table for writing, opened when the first row comes. */
export class PreparedTable {
  readonly #parts: Parts;
  readonly #name: string;
  #opened: Promise<Opened> | null = null;
  #commits = 0;
  #rows = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#name = describePlace(parts.place);
  }

  async write(mutations: readonly RowMutation[]): Promise<void> {
    const { columns } = this.#parts;
    try {
      const opened = await this.#open();
      const { database, table } = opened;
      this.#commits += await writeRows({ arrow: database.arrow, table, columns }, mutations);
      if (this.#commits >= commitsBetweenCompactions) await this.#keep(opened);
    } catch (thrown) {
      throw lanceError(thrown, `${this.#name} was not written`);
    }
  }

  /** Every row, in pages. */
  async *rows(): AsyncGenerator<readonly TargetRow<Fields, Fields>[]> {
    const { columns } = this.#parts;
    try {
      const { table } = await this.#open();
      await table.checkoutLatest();
      yield* readRows(table, columns);
    } catch (thrown) {
      throw lanceError(thrown, `${this.#name} was not read`);
    }
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => null);
    this.#opened = null;
    if (!opened) return;
    const { database, table } = opened;
    const { indexes, keepVersionsMs } = this.#parts;
    try {
      if (this.#commits === 0) return;
      await makeIndexes(database.lancedb, table, indexes);
      await compact(table, keepVersionsMs);
    } catch (thrown) {
      if (!isConflict(thrown)) throw lanceError(thrown, `${this.#name} was not compacted`);
    } finally {
      table.close();
      database.connection.close();
    }
  }

  /** Indexes are made once the table has stopped growing fast: one that learnt from a tenth of the rows is a poor one. */
  async #keep({ database, table }: Opened): Promise<void> {
    this.#commits = 1;
    const rows = await table.countRows();
    if (rows < this.#rows * 1.1) await makeIndexes(database.lancedb, table, this.#parts.indexes);
    this.#rows = rows;
    await compact(table, this.#parts.keepVersionsMs);
  }

  #open(): Promise<Opened> {
    if (this.#opened) return this.#opened;
    const opening = openForRows(this.#parts);
    this.#opened = opening;
    opening.catch(() => {
      if (this.#opened === opening) this.#opened = null;
    });
    return opening;
  }
}

/** A table as an export uses it; nothing is opened yet. */
export function prepareTable(
  { keepVersions }: LanceSpec,
  place: LancePlace,
  { appDirectory, schema, indexes }: PrepareContext,
): PreparedTable {
  const columns = lanceColumns(schema);
  const planned = planIndexes(indexes, columns);
  return new PreparedTable({ place, appDirectory, columns, indexes: planned, keepVersionsMs: keepVersions });
}

async function openForRows({ place, appDirectory, columns }: Parts): Promise<Opened> {
  const database = await openDatabase(place, appDirectory);
  const name = describePlace(place);
  if (!database) throw changedByOthers(`${name} is not there`);
  try {
    const table = await openTable(database, place.table);
    if (!table) throw changedByOthers(`${name} is not there`);
    const there = new Set((await table.schema()).fields.map((field) => field.name));
    const missing = columns.find((column) => !there.has(column.name));
    if (missing) throw changedByOthers(`${name} has no column ${missing.name}`);
    return { database, table };
  } catch (thrown) {
    database.connection.close();
    throw thrown;
  }
}

function changedByOthers(message: string): SluiceError {
  return new SluiceError("target-unavailable", message, {
    hint: "Something else has changed it: drop the flow's targets and set them up again, or bring it back.",
  });
}

import type {
  ListOptions,
  ReadOptions,
  SourceContext,
  SourceEntry,
  SourceValue,
} from "../../../contracts/source.ts";
import { SluiceError } from "../../../errors/index.ts";
import type { Database } from "../database.ts";
import { openDatabase } from "../open-database.ts";
import { isUnavailable, toPostgresError } from "../sql-error.ts";
import { RowBatches } from "./row-batches.ts";
import { openSnapshot } from "./snapshot.ts";
import { tableColumns } from "./table-catalog.ts";
import { type KeyTexts, type ReadTableRow, TableQuery } from "./table-query.ts";
import type { TableField, TableSpec } from "./table-spec.ts";

type Struct = Readonly<Record<string, unknown>>;

/** How much text a page of a listing has, and how many rows at the least and at the most. */
const page = { chars: 4_000_000, least: 10, first: 200, most: 2_000 };

const codesOf = {
  open: { unavailable: "listing-failed", otherwise: "listing-failed" },
  list: { unavailable: "listing-failed", otherwise: "listing-failed" },
  read: { unavailable: "source-read-failed", otherwise: "source-read-failed" },
} as const;

/** An open table: what `create` yields. */
export class TableReader {
  readonly spec: TableSpec;
  readonly fields: readonly TableField[];
  readonly context: SourceContext;
  readonly database: Database;
  readonly #query: TableQuery;
  readonly #batches: RowBatches<KeyTexts, ReadTableRow>;

  private constructor(of: Pick<TableReader, "spec" | "fields" | "context" | "database">, query: TableQuery) {
    this.spec = of.spec;
    this.fields = of.fields;
    this.context = of.context;
    this.database = of.database;
    this.#query = query;
    this.#batches = new RowBatches(of.context.clock, (keys) => this.#readMany(keys));
  }

  /**
   * Connects, and sees whether the table is as it should be.
   *
   * @throws SluiceError `source-misfit`, `listing-failed`, and what opening a database throws
   */
  static async open(
    spec: TableSpec,
    fields: readonly TableField[],
    context: SourceContext,
  ): Promise<TableReader> {
    const database = await openDatabase(spec.connection);
    try {
      refuseSmallPool(database, spec);
      const query = await openQuery(database, spec, fields);
      return new TableReader({ spec, fields, context, database }, query);
    } catch (thrown) {
      await database.close();
      throw toPostgresError(thrown, codesOf.open);
    }
  }

  async *list({ signal }: ListOptions): AsyncGenerator<readonly SourceEntry<Struct, Struct>[]> {
    const pages = this.#pages(signal);
    try {
      for (;;) {
        const next = await pages.next().catch((thrown: unknown) => {
          signal.throwIfAborted();
          throw toPostgresError(thrown, codesOf.list);
        });
        if (next.done) return;
        yield next.value.map((row) => this.#entryOf(row));
      }
    } finally {
      await pages.return();
    }
  }

  async get(key: Struct, { signal }: ReadOptions): Promise<SourceValue<Struct> | null> {
    signal.throwIfAborted();
    const found = await this.#batches.read(this.#query.textsOf(key)).catch((thrown: unknown) => {
      throw toPostgresError(thrown, codesOf.read);
    });
    signal.throwIfAborted();
    return found && { value: found.value, ...ordinalOf(found) };
  }

  close(): Promise<void> {
    return this.database.close();
  }

  async *#pages(signal: AbortSignal): AsyncGenerator<readonly ReadTableRow[], void> {
    signal.throwIfAborted();
    const snapshot = await openSnapshot(this.database, signal);
    try {
      let after: KeyTexts | null = null;
      for (let limit = page.first; ; ) {
        signal.throwIfAborted();
        const { text, values } = this.#query.page(after, limit);
        const rows = (await snapshot.query(text, values)).map((row) => this.#query.read(row));
        signal.throwIfAborted();
        if (rows.length > 0) yield rows;
        if (rows.length < limit) return;
        after = rows.at(-1)!.texts;
        limit = nextLimit(rows);
      }
    } finally {
      await snapshot.close();
    }
  }

  #entryOf(row: ReadTableRow): SourceEntry<Struct, Struct> {
    if (this.spec.ordinalColumn === null) return { key: row.key, value: row.value };
    return { key: row.key, ...ordinalOf(row) };
  }

  async #readMany(keys: readonly KeyTexts[]): Promise<ReadonlyMap<number, ReadTableRow>> {
    const { text, values } = this.#query.rows(keys);
    const rows = await this.database.query(text, values);
    return new Map(rows.map((row) => [Number(row.n) - 1, this.#query.read(row)]));
  }
}

/** Throws where the table is not as it should be; opens nothing that stays. */
export async function checkTable(spec: TableSpec, fields: readonly TableField[]): Promise<void> {
  const database = await openDatabase(spec.connection);
  try {
    refuseSmallPool(database, spec);
    await openQuery(database, spec, fields);
  } catch (thrown) {
    throw toPostgresError(thrown, { unavailable: "setup-failed", otherwise: "setup-failed" });
  } finally {
    await database.close();
  }
}

async function openQuery(
  database: Database,
  spec: TableSpec,
  fields: readonly TableField[],
): Promise<TableQuery> {
  const columns = await tableColumns(database, { spec, fields });
  // Whatever else the server has against it, such as a permission that lacks.
  const { text } = new TableQuery({ spec: { ...spec, filter: null }, fields, columns }).page(null, 0);
  await database.query(text);
  const query = new TableQuery({ spec, fields, columns });
  await checkFilter(database, query, spec);
  return query;
}

async function checkFilter(database: Database, query: TableQuery, spec: TableSpec): Promise<void> {
  if (spec.filter === null) return;
  const { text, values } = query.page(null, 0);
  try {
    await database.query(text, values);
  } catch (thrown) {
    if (isUnavailable(thrown)) throw thrown;
    const { message } = toPostgresError(thrown, codesOf.list);
    throw new SluiceError("source-misfit", `the filter of table ${spec.schema}.${spec.table}: ${message}`, {
      hint: "It is a condition as after WHERE, with $1, $2 for what stands in its values, cast where their type is not plain: $1::date.",
    });
  }
}

function ordinalOf({ ordinal }: ReadTableRow): { readonly ordinal?: bigint } {
  return ordinal === null ? {} : { ordinal };
}

function nextLimit(rows: readonly ReadTableRow[]): number {
  const chars = rows.reduce((sum, { size }) => sum + size, 0);
  const fits = Math.floor((page.chars * rows.length) / Math.max(1, chars));
  return Math.min(page.most, Math.max(page.least, fits));
}

/** A listing keeps a client of the pool, a watcher another, and rows are read meanwhile: with fewer it stands still. */
function refuseSmallPool({ driver }: Database, { notify }: TableSpec): void {
  if (driver.kind !== "pg") return;
  const max = (driver.pool as { readonly options?: { readonly max?: unknown } }).options?.max;
  const needed = notify ? 3 : 2;
  if (typeof max !== "number" || max >= needed) return;
  throw new SluiceError(
    "source-misfit",
    `the pool has ${max} clients at the most, and the source needs ${needed}`,
    {
      hint: "Give the pool a greater max: one client for the listing, one for reading rows, and with `notify` one that listens.",
    },
  );
}

import type { z } from "zod";
import { registerSourceSetup } from "../../../contracts/connector-registry.ts";
import { defineSource } from "../../../contracts/define-source.ts";
import type { SourceUse } from "../../../contracts/source.ts";
import { sourceSetupDefinition } from "../../../contracts/source-setup.ts";
import type { PostgresConnection } from "../connection.ts";
import { checkIdentifier } from "../identifiers.ts";
import { changeCapture } from "./change-capture.ts";
import { watchTable } from "./change-watcher.ts";
import { checkTable, TableReader } from "./table-reader.ts";
import { isInKeyOrder, tableFields, tableSpec, valuesOf } from "./table-spec.ts";

/** A value that a condition in SQL is given. */
export type FilterValue = string | number | boolean | null;

/** Which rows are read, as SQL with parameters. */
export interface TableFilter {
  /** A condition on columns, as after WHERE, such as `published and lang = $1`. */
  readonly sql: string;
  /** What `$1`, `$2`, … stand for. */
  readonly values?: readonly (FilterValue | readonly FilterValue[])[];
}

/** Options of {@link postgresTable}. */
export interface PostgresTableOptions<K extends z.ZodObject, V extends z.ZodObject> {
  /** A URL, `env("DATABASE_URL")`, or what `defineConnection` has named. */
  readonly connection: PostgresConnection;
  readonly table: string;
  /** The schema of the database that the table is in. Default `public`. */
  readonly schema?: string;
  /** The columns that identify a row, which are the primary key or another unique one: `z.object({ id: int64() })`. */
  readonly key: K;
  /** The other columns that are read. */
  readonly value: V;
  /** The columns of fields that have another name: `{ title: "product_title" }`. */
  readonly columns?: Readonly<Record<string, string>>;
  /**
   * A column that changes whenever a row does: a whole number or a timestamp, such as `updated_at`. Listings then have
   * keys and ordinals alone, and only rows whose ordinal has changed are read.
   */
  readonly ordinalColumn?: string;
  /** Which rows are read. Default all. */
  readonly filter?: TableFilter;
  /**
   * Whether a live update hears of changes as they happen: setup then makes a trigger on the table, which notifies of
   * the keys of changed rows, and drop removes it. Default false.
   */
  readonly notify?: boolean;
}

const kind = "postgresTable";

/** The row that a flow sees: the fields of the key and of the value together. */
type TableRow<K extends z.ZodObject, V extends z.ZodObject> = z.output<K> & z.output<V>;

/**
 * Rows of a Postgres table. Table, columns, types and key are checked against the database by setup and whenever an
 * update opens the source.
 *
 * @example
 * flow.addSource("products", postgresTable({
 *   connection: env("DATABASE_URL"),
 *   table: "products",
 *   key: z.object({ id: int64() }),
 *   value: z.object({ title: z.string(), price: z.string(), tags: z.array(z.string()) }),
 *   ordinalColumn: "updated_at",
 *   filter: { sql: "published and lang = $1", values: ["en"] },
 *   notify: true,
 * }));
 *
 * @throws SluiceError `spec-invalid`, `name-invalid`, `key-invalid`, `field-unknown`, `schema-unsupported`
 */
export function postgresTable<K extends z.ZodObject, V extends z.ZodObject>({
  key,
  value,
  ...spec
}: PostgresTableOptions<K, V>): SourceUse<TableRow<K, V>> {
  const fields = tableFields({ key, value }, spec.columns ?? {});
  for (const name of [spec.schema ?? "public", spec.table]) checkIdentifier("table", name);
  const source = defineSource({
    kind,
    spec: tableSpec,
    key: key as z.ZodObject,
    value: value as z.ZodObject,
    version: 1,
    providesOrdinal: spec.ordinalColumn !== undefined,
    ordered: isInKeyOrder(fields),
    valueSpec: valuesOf,
    create: (parsed, context) => TableReader.open(parsed, fields, context),
    list: (table, options) => table.list(options),
    getValue: (table, rowKey, options) => table.get(rowKey, options),
    watch: (table, options) => watchTable(table, options),
    watches: ({ notify }) => notify,
    watchHeartbeat: "1m",
    close: (table) => table.close(),
    check: (parsed) => checkTable(parsed, fields),
    setup: changeCapture(fields),
  });
  // What its rows are is known to the compiler alone, and here from the schemas given.
  return source(spec as z.input<typeof tableSpec>) as SourceUse<never>;
}

// So that triggers can be removed when no flow reads a table any more.
registerSourceSetup(sourceSetupDefinition(kind, changeCapture([])));

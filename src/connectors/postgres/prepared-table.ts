import type { TargetSchema } from "../../contracts/target.ts";
import { SluiceError } from "../../errors/index.ts";
import type { FieldType } from "../../values/index.ts";
import type { Cell } from "./cell-text.ts";
import { vectorColumn } from "./column-type.ts";
import type { Database } from "./database.ts";
import { quoteTable } from "./identifiers.ts";
import { type CatalogTable, readCatalog, type TableName } from "./table-catalog.ts";

/** A column that rows are written to. */
export interface TableColumn extends Cell {
  /** What text is cast to on its way in; the column's modifier then refuses what does not fit, and cuts nothing off. */
  readonly castType: string;
}

/** A table that rows are to be written to. */
export interface PreparedTable {
  readonly database: Database;
  readonly name: TableName;
  readonly schema: TargetSchema;
  /** Those of the key first; null while there is no such table. */
  columns: readonly TableColumn[] | null;
}

/**
 * Looks at a table before rows are written to it.
 *
 * @throws SluiceError `target-prepare-failed`, which names what is missing
 */
export async function prepareTable(
  database: Database,
  name: TableName,
  schema: TargetSchema,
): Promise<PreparedTable> {
  const catalog = await readCatalog(database, name);
  return { database, name, schema, columns: catalog && fitColumns(name, catalog, schema) };
}

/**
 * The columns of a table; one that was not there before is looked for again.
 *
 * @throws SluiceError `target-prepare-failed`
 */
export async function columnsOf(prepared: PreparedTable): Promise<readonly TableColumn[]> {
  const { database, name, schema } = prepared;
  prepared.columns ??= (await prepareTable(database, name, schema)).columns;
  if (prepared.columns !== null) return prepared.columns;
  throw unfit(name, "is not there", "Run setup with --reset, or make it where the export has setupByUser.");
}

function fitColumns(name: TableName, catalog: CatalogTable, schema: TargetSchema): readonly TableColumn[] {
  const fields = [...schema.keyFields, ...schema.valueFields];
  checkColumns(name, catalog, fields);
  checkKey(name, catalog, schema.keyFields);
  checkDimensions(name, catalog, fields);
  const keys = new Set(schema.keyFields);
  return fields.map((field): TableColumn => {
    const { castType } = catalog.columns.find((column) => column.name === field.name)!;
    return { name: field.name, type: field.type, isKey: keys.has(field), optional: field.optional, castType };
  });
}

function checkColumns(name: TableName, { columns }: CatalogTable, fields: readonly FieldType[]): void {
  const there = new Set(columns.map((column) => column.name));
  const missing = fields.filter((field) => !there.has(field.name)).map((field) => field.name);
  if (missing.length > 0) {
    throw unfit(
      name,
      `lacks the columns ${missing.join(", ")}`,
      "Someone has dropped or renamed them: put them back, or run setup with --reset to make the table anew.",
    );
  }
  const given = new Set(fields.map((field) => field.name));
  const required = columns.filter((column) => column.isRequired && !given.has(column.name));
  if (required.length === 0) return;
  throw unfit(
    name,
    `has columns that the export does not fill: ${required.map((column) => column.name).join(", ")}`,
    "They take no NULL and have no default: give them one, or collect these fields too.",
  );
}

/** An upsert needs a constraint to meet. */
function checkKey(name: TableName, { uniqueKeys }: CatalogTable, keyFields: readonly FieldType[]): void {
  const wanted = keyFields.map((field) => field.name).sort();
  if (uniqueKeys.some((key) => [...key].sort().join("\0") === wanted.join("\0"))) return;
  throw unfit(
    name,
    `has no primary key or unique index over ${wanted.join(", ")}`,
    "Make one: rows are found by it when they are written again.",
  );
}

/** Of a column that others have made: every row would be refused. */
function checkDimensions(name: TableName, { columns }: CatalogTable, fields: readonly FieldType[]): void {
  for (const { name: field, type } of fields) {
    const column = vectorColumn(columns.find((one) => one.name === field)!.type);
    if (column === null || type.kind !== "vector" || type.dimension === null) continue;
    if (column.dimension === type.dimension) continue;
    throw unfit(
      name,
      `has the column ${field} for vectors of ${column.dimension} dimensions, and the export's have ${type.dimension}`,
      "Alter the column, or use a model of its dimension.",
    );
  }
}

function unfit(name: TableName, problem: string, hint: string): SluiceError {
  return new SluiceError("target-prepare-failed", `table ${quoteTable(name)} ${problem}`, { hint });
}

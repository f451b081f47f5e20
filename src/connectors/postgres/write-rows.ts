import type { Session } from "./database.ts";
import { quoteIdentifier, quoteTable } from "./identifiers.ts";
import type { TableColumn } from "./prepared-table.ts";
import type { TableName } from "./table-catalog.ts";

/** A row in the text of its cells, in the order of its columns. */
export type TextRow = readonly (string | null)[];

/** The table that rows are written to. */
export interface WrittenTable {
  readonly name: TableName;
  readonly columns: readonly TableColumn[];
}

/** Rows of one statement, and their text in UTF-16 units: more of either gains nothing. */
const maxRows = 1_000;
const maxLength = 16 * 2 ** 20;

/** Inserts rows, and replaces those whose keys are there, a thousand a statement. */
export async function upsertRows(
  session: Session,
  table: WrittenTable,
  rows: readonly TextRow[],
): Promise<void> {
  const statement = upsertFrom(table, unnested(table.columns));
  for (const chunk of chunks(rows)) await session.query(statement, arraysOf(chunk, table.columns.length));
}

/** Deletes the rows with these keys; those that are not there are no error. */
export async function deleteRows(
  session: Session,
  table: WrittenTable,
  keys: readonly TextRow[],
): Promise<void> {
  const columns = table.columns.filter(({ isKey }) => isKey);
  const matches = columns.map(
    (column, i) => `t.${quoteIdentifier(column.name)} = given.c${i}::${column.castType}`,
  );
  const statement = `DELETE FROM ${quoteTable(table.name)} AS t USING ${unnested(columns)} WHERE ${matches.join(" AND ")}`;
  for (const chunk of chunks(keys)) await session.query(statement, arraysOf(chunk, columns.length));
}

/** The statement that takes rows from `given`, whose columns are `c0`, `c1`… as text. */
export function upsertFrom({ name, columns }: WrittenTable, given: string): string {
  const list = (some: readonly TableColumn[]) =>
    some.map((column) => quoteIdentifier(column.name)).join(", ");
  const casts = columns.map((column, i) => `given.c${i}::${column.castType}`);
  const values = columns.filter(({ isKey }) => !isKey);
  const sets = values.map(
    ({ name: value }) => `${quoteIdentifier(value)} = EXCLUDED.${quoteIdentifier(value)}`,
  );
  const action = sets.length === 0 ? "DO NOTHING" : `DO UPDATE SET ${sets.join(", ")}`;
  return `INSERT INTO ${quoteTable(name)} (${list(columns)}) SELECT ${casts.join(", ")} FROM ${given} ON CONFLICT (${list(columns.filter(({ isKey }) => isKey))}) ${action}`;
}

function unnested(columns: readonly TableColumn[]): string {
  const arrays = columns.map((_, i) => `$${i + 1}::text[]`).join(", ");
  return `unnest(${arrays}) AS given(${columns.map((_, i) => `c${i}`).join(", ")})`;
}

function* chunks(rows: readonly TextRow[]): Iterable<readonly TextRow[]> {
  let chunk: TextRow[] = [];
  let length = 0;
  for (const row of rows) {
    const rowLength = row.reduce((sum, cell) => sum + (cell?.length ?? 0), 0);
    if (chunk.length === maxRows || (chunk.length > 0 && length + rowLength > maxLength)) {
      yield chunk;
      chunk = [];
      length = 0;
    }
    chunk.push(row);
    length += rowLength;
  }
  if (chunk.length > 0) yield chunk;
}

/** A column each, as array literals: drivers differ in what they make of arrays. */
function arraysOf(rows: readonly TextRow[], width: number): readonly string[] {
  return Array.from({ length: width }, (_, i) => `{${rows.map((row) => elementOf(row[i]!)).join(",")}}`);
}

function elementOf(cell: string | null): string {
  return cell === null ? "NULL" : `"${/["\\]/.test(cell) ? cell.replace(/["\\]/g, "\\$&") : cell}"`;
}

import type { TargetRow } from "../../contracts/target.ts";
import { fromCellText } from "./cell-text.ts";
import type { Database } from "./database.ts";
import { quoteIdentifier, quoteTable } from "./identifiers.ts";
import { columnsOf, type PreparedTable, type TableColumn } from "./prepared-table.ts";

const maxRows = 1_000;
/** Pages of longer text are read in fewer rows, so that long rows do not fill the memory. */
const maxLength = 8 * 2 ** 20;

/** How text is to look, whatever the server, the database and the user are set to. */
const settings = `SELECT set_config('datestyle', 'ISO, YMD', true), set_config('timezone', 'UTC', true),
  set_config('intervalstyle', 'iso_8601', true), set_config('bytea_output', 'hex', true),
  set_config('extra_float_digits', '1', true)`;

/** Every row of a table in pages, in the order of its primary key. Each page is as it is when it is read. */
export async function* readRows(
  prepared: PreparedTable,
  signal: AbortSignal,
): AsyncGenerator<readonly TargetRow<unknown, unknown>[]> {
  const { database, name } = prepared;
  const columns = await columnsOf(prepared);
  const keys = columns.filter(({ isKey }) => isKey);
  const list = keys.map((column) => quoteIdentifier(column.name)).join(", ");
  const select = `SELECT ${columns.map(textOf).join(", ")} FROM ${quoteTable(name)}`;
  const after = ` WHERE (${list}) > (${keys.map((column, i) => `$${i + 1}::text::${column.castType}`).join(", ")})`;
  let last: readonly (string | null)[] | null = null;
  let limit = maxRows;
  for (;;) {
    const statement = `${select}${last === null ? "" : after} ORDER BY ${list} LIMIT ${limit}`;
    const rows = await readPage(database, { statement, values: last ?? [], width: columns.length }, signal);
    if (rows.length > 0) yield rows.map((row) => rowOf(columns, row));
    if (rows.length < limit) return;
    last = rows.at(-1)!.slice(0, keys.length);
    limit = nextLimit(rows);
  }
}

/** PGlite takes U+FEFF at the beginning of a text for a byte order mark: so something stands before it. */
function textOf(column: TableColumn, i: number): string {
  return `'=' || ${quoteIdentifier(column.name)}::text AS c${i}`;
}

interface Page {
  readonly statement: string;
  readonly values: readonly (string | null)[];
  readonly width: number;
}

async function readPage(database: Database, { statement, values, width }: Page, signal: AbortSignal) {
  const rows = await database.transaction(async (session) => {
    await session.query(settings);
    return session.query(statement, values);
  }, signal);
  return rows.map((row) =>
    Array.from({ length: width }, (_, i) => (row[`c${i}`] as string | null)?.slice(1) ?? null),
  );
}

function nextLimit(rows: readonly (readonly (string | null)[])[]): number {
  const length = rows.reduce(
    (sum, row) => sum + row.reduce((part, cell) => part + (cell?.length ?? 0), 0),
    0,
  );
  return Math.max(1, Math.min(maxRows, Math.floor(maxLength / (length / rows.length + 1))));
}

function rowOf(
  columns: readonly TableColumn[],
  cells: readonly (string | null)[],
): TargetRow<unknown, unknown> {
  const structOf = (wantsKey: boolean) =>
    Object.fromEntries(
      columns.flatMap((column, i) => {
        if (column.isKey !== wantsKey) return [];
        const value = fromCellText(column, cells[i]!);
        return value === undefined ? [] : [[column.name, value]];
      }),
    );
  return { key: structOf(true), value: structOf(false) };
}

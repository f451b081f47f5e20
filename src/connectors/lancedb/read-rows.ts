import type { Table } from "@lancedb/lancedb";
import type { TargetRow } from "../../contracts/target.ts";
import type { LanceColumn } from "./lance-column.ts";
import { fromArrow } from "./lance-values.ts";
import type { Fields } from "./write-rows.ts";

const pageRows = 1_024;

/** Every row of a table, in pages. */
export async function* readRows(
  table: Table,
  columns: readonly LanceColumn[],
): AsyncGenerator<readonly TargetRow<Fields, Fields>[]> {
  const keys = columns.filter(({ isKey }) => isKey);
  const values = columns.filter(({ isKey }) => !isKey);
  for await (const page of pagesOf(table, columns)) {
    yield page.map((held) => ({ key: fieldsOf(keys, held), value: fieldsOf(values, held) }));
  }
}

async function* pagesOf(table: Table, columns: readonly LanceColumn[]): AsyncGenerator<Fields[]> {
  const selected = new Map(columns.map((column) => [column.name, selection(column)]));
  for await (const batch of table.query().select(selected)) {
    const held = columns.map(({ name }) => [name, batch.getChild(name)!] as const);
    for (let from = 0; from < batch.numRows; from += pageRows) {
      const rows = Math.min(pageRows, batch.numRows - from);
      yield Array.from({ length: rows }, (_, i) =>
        Object.fromEntries(held.map(([name, column]) => [name, column.get(from + i)])),
      );
    }
  }
}

/** Text is asked for as bytes: Arrow for JavaScript drops a byte order mark where text begins with one. */
function selection({ name, type }: LanceColumn): string {
  if (type.kind === "Utf8") return `arrow_cast(\`${name}\`, 'Binary')`;
  if (type.kind === "List" && type.element === "Utf8") return `arrow_cast(\`${name}\`, 'List(Binary)')`;
  return `\`${name}\``;
}

function fieldsOf(columns: readonly LanceColumn[], held: Fields): Fields {
  return Object.fromEntries(
    columns.flatMap((column) => {
      const value = fromArrow(column, held[column.name]);
      return value === null && column.field.optional ? [] : [[column.name, value]];
    }),
  );
}

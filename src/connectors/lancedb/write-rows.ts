import type { Table } from "@lancedb/lancedb";
import type { Mutation } from "../../contracts/target.ts";
import { arrowField } from "./arrow-fields.ts";
import type { LanceColumn } from "./lance-column.ts";
import type { Arrow } from "./lance-package.ts";
import { arrowVector, keyLiteral } from "./lance-values.ts";

/** A row as fields by name. */
export type Fields = Readonly<Record<string, unknown>>;

export type RowMutation = Mutation<Fields, Fields>;

/** What rows are written with. */
export interface RowWriter {
  readonly arrow: Arrow;
  readonly table: Table;
  readonly columns: readonly LanceColumn[];
}

/** Writes and deletes rows: one commit for each. Resolves to the number of commits. */
export async function writeRows(writer: RowWriter, mutations: readonly RowMutation[]): Promise<number> {
  const keys = writer.columns.filter(({ isKey }) => isKey);
  const last = new Map(mutations.map((mutation) => [keyText(keys, mutation.key), mutation]));
  const upserts = [...last.values()].filter(({ value }) => value !== null);
  const deletes = [...last.values()].filter(({ value }) => value === null);
  if (upserts.length > 0) await upsert(writer, upserts);
  if (deletes.length > 0) await writer.table.delete(anyOf(keys, deletes));
  return Math.sign(upserts.length) + Math.sign(deletes.length);
}

async function upsert({ arrow, table, columns }: RowWriter, rows: readonly RowMutation[]): Promise<void> {
  const schema = new arrow.Schema(columns.map((column) => arrowField(arrow, column)));
  const vectors = columns.map((column) => {
    const values = rows.map(({ key, value }) => (column.isKey ? key : value!)[column.name]);
    return [column.name, arrowVector(arrow, column, values)] as const;
  });
  await table
    .mergeInsert(columns.filter(({ isKey }) => isKey).map(({ name }) => name))
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll()
    .execute(new arrow.Table(schema, Object.fromEntries(vectors)));
}

function keyText(keys: readonly LanceColumn[], key: Fields): string {
  return JSON.stringify(keys.map((column) => keyLiteral(column, key[column.name])));
}

/** The predicate that holds of the rows of these keys. */
function anyOf(keys: readonly LanceColumn[], rows: readonly RowMutation[]): string {
  const [first, ...more] = keys;
  if (more.length === 0) {
    const literals = rows.map(({ key }) => keyLiteral(first!, key[first!.name]));
    return `\`${first!.name}\` IN (${literals.join(", ")})`;
  }
  return either(
    rows.map(({ key }) => {
      const equal = keys.map((column) => `\`${column.name}\` = ${keyLiteral(column, key[column.name])}`);
      return `(${equal.join(" AND ")})`;
    }),
  );
}

/** Nested evenly, since a chain of thousands is nested as deeply by whoever reads it. */
function either(terms: readonly string[]): string {
  if (terms.length === 1) return terms[0]!;
  const half = terms.length >> 1;
  return `(${either(terms.slice(0, half))} OR ${either(terms.slice(half))})`;
}

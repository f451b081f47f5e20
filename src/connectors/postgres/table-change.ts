import { canonicalJson } from "../../kernel/canonical-json.ts";
import { quoteIdentifier, quoteLiteral, quoteTable } from "./identifiers.ts";
import type { TableName } from "./table-catalog.ts";
import { markerOf, type TableState } from "./table-state.ts";

/** The statements that make a table. */
export function planCreation(name: TableName, wanted: TableState): readonly string[] {
  const table = quoteTable(name);
  const keys = new Set(wanted.primaryKey);
  const columns = wanted.columns.map(
    (column) => `${quoteIdentifier(column.name)} ${column.type}${keys.has(column.name) ? " NOT NULL" : ""}`,
  );
  const key = wanted.primaryKey.map(quoteIdentifier).join(", ");
  return [
    `CREATE TABLE ${table} (${[...columns, `PRIMARY KEY (${key})`].join(", ")})`,
    ...wanted.indexes.map((index) => createIndex(name, index)),
    ...wanted.attachments.map(({ setup }) => setup),
    comment(name, wanted),
  ];
}

/**
 * The statements that bring a table from the state that it is in to the one wanted. Columns go only where the state
 * says that they are ours.
 */
export function planAlteration(name: TableName, actual: TableState, wanted: TableState): readonly string[] {
  const table = quoteTable(name);
  const goneColumns = actual.owner === null ? [] : missingIn(wanted.columns, actual.columns);
  const changed = actual.attachments.filter(
    (one) => !wanted.attachments.some((other) => canonicalJson(one) === canonicalJson(other)),
  );
  const added = wanted.attachments.filter(
    (one) => !actual.attachments.some((other) => canonicalJson(one) === canonicalJson(other)),
  );
  return [
    ...teardowns(changed),
    ...missingIn(wanted.indexes, actual.indexes).map((index) => dropIndex(name, index)),
    ...goneColumns.map(
      (column) => `ALTER TABLE ${table} DROP COLUMN IF EXISTS ${quoteIdentifier(column.name)}`,
    ),
    ...missingIn(actual.columns, wanted.columns).map(
      (column) => `ALTER TABLE ${table} ADD COLUMN ${quoteIdentifier(column.name)} ${column.type}`,
    ),
    ...missingIn(actual.indexes, wanted.indexes).map((index) => createIndex(name, index)),
    ...added.map(({ setup }) => setup),
    comment(name, wanted),
  ];
}

/** The statements that remove a table with what belongs to it. */
export function planRemoval(name: TableName, actual: TableState): readonly string[] {
  return [...teardowns(actual.attachments), `DROP TABLE ${quoteTable(name)}`];
}

/** Whether a state needs the extension vector. */
export function needsVector(state: TableState): boolean {
  return state.columns.some(({ type }) => /^(vector|halfvec|sparsevec)\b/.test(type));
}

type Named = { readonly name: string };

/** Those of `from` of which `others` has none of the name. */
function missingIn<T extends Named>(others: readonly Named[], from: readonly T[]): readonly T[] {
  const names = new Set(others.map(({ name }) => name));
  return from.filter(({ name }) => !names.has(name));
}

/** What was set up last goes first. */
function teardowns(attachments: TableState["attachments"]): readonly string[] {
  return attachments.flatMap(({ teardown }) => (teardown === null ? [] : [teardown])).reverse();
}

function createIndex(name: TableName, index: TableState["indexes"][number]): string {
  return `CREATE INDEX ${quoteIdentifier(index.name)} ON ${quoteTable(name)} ${index.definition}`;
}

function dropIndex({ schema }: TableName, index: Named): string {
  return `DROP INDEX IF EXISTS ${quoteTable({ schema, table: index.name })}`;
}

function comment(name: TableName, state: TableState): string {
  return `COMMENT ON TABLE ${quoteTable(name)} IS ${quoteLiteral(markerOf(state))}`;
}

import { z } from "zod";
import type { Json, SetupInput, SetupVerdict } from "../../contracts/target.ts";
import { SluiceError } from "../../errors/index.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { columnType } from "./column-type.ts";
import { checkIdentifier } from "./identifiers.ts";
import { parseAttachments } from "./sql-attachment.ts";
import { planIndexes } from "./table-index.ts";
import type { TableSpec } from "./table-spec.ts";

const json = z.custom<Json>((value) => value !== undefined);

/** The state of a table, as it is recorded, compared, and written into the table's comment. */
const tableState = z.object({
  /** Whose it is: `flow__target`, with the namespace; null for a table that others have made. */
  owner: z.string().nullable(),
  /** How its database is reached; null as for `owner`. */
  connection: json.nullable(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  primaryKey: z.array(z.string()),
  indexes: z.array(z.object({ name: z.string(), definition: z.string() })),
  attachments: z.array(z.object({ name: z.string(), setup: z.string(), teardown: z.string().nullable() })),
});

export type TableState = z.output<typeof tableState>;

/**
 * The state that a table must be in.
 *
 * @throws SluiceError `name-invalid`, `export-invalid`
 */
export function wantedState(input: SetupInput<TableSpec>, connection: Json): TableState {
  const { spec, schema, defaultName } = input;
  const fields = [...schema.keyFields, ...schema.valueFields];
  const keys = new Set(schema.keyFields.map(({ name }) => name));
  const { columnTypes = {}, vectorType = "vector" } = spec;
  checkColumns(
    fields.map(({ name }) => name),
    columnTypes,
  );
  const columns = fields.map((field) => {
    const given = Object.hasOwn(columnTypes, field.name) ? columnTypes[field.name] : undefined;
    return { name: field.name, type: columnType(field, { isKey: keys.has(field.name), vectorType, given }) };
  });
  return {
    owner: defaultName,
    connection,
    columns,
    primaryKey: [...keys],
    indexes: planIndexes(spec.table ?? defaultName, input.indexes, { columns, fields }),
    attachments: parseAttachments(input.attachments),
  };
}

function checkColumns(names: readonly string[], columnTypes: Readonly<Record<string, string>>): void {
  for (const name of names) checkIdentifier("column", name);
  const unknown = Object.keys(columnTypes).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new SluiceError("export-invalid", `columnTypes names ${unknown}, which is no field of the export`, {
    hint: `Its fields are ${names.join(", ")}.`,
  });
}

/** What going from one state to the other means for the rows. */
export function compareStates(previous: TableState, wanted: TableState): SetupVerdict {
  if (canonicalJson(inOrder(previous)) === canonicalJson(inOrder(wanted))) return "unchanged";
  const sameKey =
    canonicalJson([...previous.primaryKey].sort()) === canonicalJson([...wanted.primaryKey].sort());
  return sameKey && retyped(previous, wanted).length === 0 ? "compatible" : "destructive";
}

/** The columns that are there and would have to be of another type. */
export function retyped(previous: TableState, wanted: TableState): readonly string[] {
  const types = new Map(previous.columns.map(({ name, type }) => [name, type]));
  return wanted.columns
    .filter(({ name, type }) => (types.get(name) ?? type) !== type)
    .map(({ name }) => name);
}

/** The order of columns and indexes says nothing; that of attachments is the order in which they are set up. */
function inOrder(state: TableState): TableState {
  const byName = (a: { readonly name: string }, b: { readonly name: string }) => (a.name < b.name ? -1 : 1);
  return {
    ...state,
    columns: [...state.columns].sort(byName),
    primaryKey: [...state.primaryKey].sort(),
    indexes: [...state.indexes].sort(byName),
  };
}

const markerStart = "Made by Sluice, which keeps this comment: ";

/** The comment that tells a table of ours from those of others, also after a crash and without a store. */
export function markerOf(state: TableState): string {
  return markerStart + JSON.stringify(state);
}

/** The state that a table's comment tells; null where it is none of ours. */
export function readMarker(comment: string | null): TableState | null {
  if (!comment?.startsWith(markerStart)) return null;
  try {
    return tableState.parse(JSON.parse(comment.slice(markerStart.length)));
  } catch {
    return null;
  }
}

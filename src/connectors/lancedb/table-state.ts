import { z } from "zod";
import type { SetupInput, SetupVerdict } from "../../contracts/target.ts";
import { SluiceError } from "../../errors/index.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { columnTypeText, type LanceColumn, lanceColumn } from "./lance-column.ts";
import { lanceIndex, planIndexes } from "./lance-index.ts";
import type { LanceSpec } from "./lance-spec.ts";

const columnType = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["Utf8", "Bool", "Int64", "Float32", "Float64", "Binary", "JSON"]) }),
  z.object({
    kind: z.literal("List"),
    element: z.enum(["Utf8", "Bool", "Int64", "Float32", "Float64"]),
  }),
  z.object({
    kind: z.enum(["Vector", "Vectors"]),
    element: z.enum(["Float32", "Float64"]),
    dimension: z.int(),
  }),
]);

/** The state of a table, as it is recorded, compared, and kept with the table. */
export const tableState = z.object({
  columns: z.array(z.object({ name: z.string(), type: columnType, isKey: z.boolean() })),
  indexes: z.array(lanceIndex),
});

export type TableState = z.output<typeof tableState>;

export type StateColumn = TableState["columns"][number];

/** The columns of an export. */
export function lanceColumns({
  keyFields,
  valueFields,
}: SetupInput<LanceSpec>["schema"]): readonly LanceColumn[] {
  return [
    ...keyFields.map((field) => lanceColumn(field, true)),
    ...valueFields.map((field) => lanceColumn(field, false)),
  ];
}

/**
 * The state that a table must be in.
 *
 * @throws SluiceError `export-invalid`
 */
export function wantedState({ schema, indexes, attachments }: SetupInput<LanceSpec>): TableState {
  if (attachments.length > 0) {
    throw new SluiceError("export-invalid", "a table of LanceDB takes no attachments", {
      hint: "Leave `attachments` out.",
    });
  }
  const columns = lanceColumns(schema);
  return {
    columns: columns.map(({ name, type, isKey }) => ({ name, type, isKey })),
    indexes: planIndexes(indexes, columns),
  };
}

/** What going from one state to the other means for the rows. */
export function compareStates(previous: TableState, wanted: TableState): SetupVerdict {
  if (canonicalJson(inOrder(previous)) === canonicalJson(inOrder(wanted))) return "unchanged";
  const keysOf = (state: TableState) => canonicalJson(inOrder(state).columns.filter(({ isKey }) => isKey));
  const types = new Map(previous.columns.map(({ name, type }) => [name, columnTypeText(type)]));
  const retyped = wanted.columns.some(
    ({ name, type }) => types.has(name) && types.get(name) !== columnTypeText(type),
  );
  return keysOf(previous) === keysOf(wanted) && !retyped ? "compatible" : "destructive";
}

/** The order of columns and indexes says nothing. */
function inOrder({ columns, indexes }: TableState): TableState {
  return {
    columns: [...columns].sort((a, b) => (a.name < b.name ? -1 : 1)),
    indexes: [...indexes].sort((a, b) => (a.field < b.field ? -1 : 1)),
  };
}

import type { LanceColumnType } from "./lance-column.ts";
import type { Arrow, ArrowField, ArrowSchema, ArrowType } from "./lance-package.ts";
import { type StateColumn, type TableState, tableState } from "./table-state.ts";

/**
 * Where a table keeps its state: in the metadata of a key column, which is made with the table and can be changed
 * later, as that of the table cannot. It also tells a table of ours from those of others.
 */
const stateName = "sluice.state";

export function arrowSchema(arrow: Arrow, state: TableState): ArrowSchema {
  const marked = state.columns.find(({ isKey }) => isKey);
  const metadata = new Map(Object.entries(stateMetadata(state)));
  return new arrow.Schema(
    state.columns.map((column) => arrowField(arrow, column, column === marked ? metadata : undefined)),
  );
}

/** The metadata of a key column that tell the state. */
export function stateMetadata(state: TableState): Record<string, string> {
  return { [stateName]: JSON.stringify(state) };
}

export function arrowField(arrow: Arrow, column: StateColumn, metadata?: Map<string, string>): ArrowField {
  return new arrow.Field(column.name, arrowType(arrow, column.type), !column.isKey, metadata);
}

export function arrowType(arrow: Arrow, type: LanceColumnType): ArrowType {
  const item = (element: ArrowType) => new arrow.Field("item", element, true);
  switch (type.kind) {
    case "JSON":
      return new arrow.Utf8();
    case "List":
      return new arrow.List(item(new arrow[type.element]()));
    case "Vector":
      return new arrow.FixedSizeList(type.dimension, item(new arrow[type.element]()));
    case "Vectors":
      return new arrow.List(item(arrowType(arrow, { ...type, kind: "Vector" })));
    default:
      return new arrow[type.kind]();
  }
}

/** The state that a table's columns tell; null where it is none of ours. */
export function readState(schema: ArrowSchema): TableState | null {
  const text = schema.fields.map(({ metadata }) => metadata.get(stateName)).find((found) => found);
  if (text === undefined) return null;
  try {
    return tableState.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

import { SluiceError } from "../../errors/index.ts";
import type { FieldType, ValueType } from "../../values/index.ts";

/** How the values of a column are kept. */
export type LanceColumnType =
  | { readonly kind: "Utf8" | "Bool" | "Int64" | "Float32" | "Float64" | "Binary" | "JSON" }
  | { readonly kind: "List"; readonly element: "Utf8" | "Bool" | "Int64" | "Float32" | "Float64" }
  | { readonly kind: "Vector"; readonly element: "Float32" | "Float64"; readonly dimension: number }
  | { readonly kind: "Vectors"; readonly element: "Float32" | "Float64"; readonly dimension: number };

/** A column of a table, and how the values of its field go in and out. */
export interface LanceColumn {
  readonly name: string;
  readonly type: LanceColumnType;
  readonly isKey: boolean;
  readonly field: FieldType;
}

const scalarColumns: Partial<Record<ValueType["kind"], "Utf8" | "Bool" | "Int64" | "Float32" | "Float64">> = {
  boolean: "Bool",
  string: "Utf8",
  int: "Int64",
  int64: "Int64",
  float32: "Float32",
  float64: "Float64",
  uuid: "Utf8",
  date: "Utf8",
  time: "Utf8",
  localDateTime: "Utf8",
  offsetDateTime: "Utf8",
  duration: "Utf8",
};

/** What LanceDB calls columns of its own, in tables and in results. */
const reserved: ReadonlySet<string> = new Set([
  "_rowid",
  "_rowaddr",
  "_rowoffset",
  "_distance",
  "_score",
  "_relevance_score",
]);

/**
 * The column of a field.
 *
 * @throws SluiceError `export-invalid`, for a name that a column cannot have
 */
export function lanceColumn(field: FieldType, isKey: boolean): LanceColumn {
  const { name } = field;
  if (/[.`\0]/.test(name) || reserved.has(name.toLowerCase()) || name === "") {
    throw new SluiceError("export-invalid", `LanceDB can have no column ${JSON.stringify(name)}`, {
      hint: "Collect the field under another name, without dots, backticks and the names of LanceDB's own columns.",
    });
  }
  return { name, type: isKey ? keyColumnType(field.type) : valueColumnType(field.type), isKey, field };
}

/** Keys are compared by what has but one form: floats, bytes and what has parts are JSON text. */
function keyColumnType({ kind }: ValueType): LanceColumnType {
  const scalar = scalarColumns[kind];
  return scalar === undefined || scalar.startsWith("Float") ? { kind: "JSON" } : { kind: scalar };
}

function valueColumnType(type: ValueType): LanceColumnType {
  const scalar = scalarColumns[type.kind];
  if (scalar) return { kind: scalar };
  if (type.kind === "bytes") return { kind: "Binary" };
  if (type.kind === "vector") return vectorColumn(type.element, type.dimension);
  if (type.kind === "list") return listColumn(type.element);
  return { kind: "JSON" };
}

function vectorColumn(element: "float32" | "float64", dimension: number | null): LanceColumnType {
  const part = element === "float32" ? "Float32" : "Float64";
  return dimension === null ? { kind: "List", element: part } : { kind: "Vector", element: part, dimension };
}

function listColumn(element: ValueType): LanceColumnType {
  const scalar = scalarColumns[element.kind];
  if (scalar) return { kind: "List", element: scalar };
  const isVector = element.kind === "vector" && element.dimension !== null && !element.nullable;
  if (!isVector) return { kind: "JSON" };
  const part = element.element === "float32" ? "Float32" : "Float64";
  return { kind: "Vectors", element: part, dimension: element.dimension! };
}

/** A type as it is recorded and shown: `FixedSizeList<Float32>[384]`. */
export function columnTypeText(type: LanceColumnType): string {
  switch (type.kind) {
    case "JSON":
      return "Utf8 (JSON)";
    case "List":
      return `List<${type.element}>`;
    case "Vector":
      return `FixedSizeList<${type.element}>[${type.dimension}]`;
    case "Vectors":
      return `List<FixedSizeList<${type.element}>[${type.dimension}]>`;
    default:
      return type.kind;
  }
}

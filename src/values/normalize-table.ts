import { expected, Misfit } from "./misfit.ts";
import { normalizeElements } from "./normalize-elements.ts";
import type { Normalize } from "./normalize-scalar.ts";
import { sortByKey } from "./row-order.ts";
import type { TableType } from "./value-type.ts";

/** Rows as they come, or sorted by key where the table is keyed: there their order says nothing. */
export function tableNormalizer(type: TableType, normalizeRow: Normalize): Normalize {
  const sort = type.keyFields === null ? null : sortByKey(type);
  return (value) => {
    if (!Array.isArray(value)) return expected("an array of rows", value);
    const rows = normalizeElements(value, normalizeRow);
    return sort === null || rows instanceof Misfit ? rows : sort(rows);
  };
}

import { z } from "zod";

const columnTypePattern = /^[A-Za-z0-9_ ."(),[\]]+$/;

/** What a table of Postgres and of PGlite is told alike. */
export interface TableOptions {
  /** The table's name; `flow__target` where left out, with the app namespace and `__` before it where there is one. */
  readonly table?: string | undefined;
  /** The schema that the table is in, made where it is missing; the first of the search path where left out. */
  readonly schema?: string | undefined;
  /**
   * Types of columns by field, in place of those that its values' types mean: `{ price: "numeric(10,2)" }`. Values
   * are given to them as text, so anything will do that Postgres can read them as. A change rebuilds the table.
   */
  readonly columnTypes?: Readonly<Record<string, string>> | undefined;
  /** How vectors of fixed dimension are kept: `"vector"`, or `"halfvec"`, half as large and rounded. */
  readonly vectorType?: "vector" | "halfvec" | undefined;
}

/** The fields of a spec that say what a table is. */
export const tableFields = {
  table: z.string().min(1, "is empty").optional(),
  schema: z.string().min(1, "is empty").optional(),
  columnTypes: z.record(z.string(), z.string().regex(columnTypePattern, "is no type of a column")).optional(),
  vectorType: z.enum(["vector", "halfvec"]).optional(),
};

const tableSpec = z.object(tableFields);

export type TableSpec = z.output<typeof tableSpec>;

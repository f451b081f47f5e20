import { z } from "zod";
import { SluiceError } from "../errors/index.ts";
import { keyTypeProblem } from "./key-type-problem.ts";
import { Misfit } from "./misfit.ts";
import { compileNormalizer } from "./normalize.ts";
import { keyTypeOfTable, sortByKey } from "./row-order.ts";
import { markSchema } from "./schema-mark.ts";
import { typeOfSchema } from "./type-of-schema.ts";
import type { TableType } from "./value-type.ts";

/**
 * A table whose rows are known by the named fields: no two rows have the same key, and their order says nothing, so
 * that a row that moved is not a change. Rows are sorted by key afterwards. (`z.array(z.object({…}))` is a table
 * without a key, whose rows are known by their position.)
 *
 * @example table(z.object({ page: z.int(), text: z.string() }), { key: ["page"] })
 * @throws SluiceError `key-invalid` for a key field that the row does not have or that cannot be one, and
 * `schema-unsupported` for a row that is no struct.
 */
export function table<Row extends z.ZodType<Readonly<Record<string, unknown>>>>(
  row: Row,
  options: { readonly key: readonly [FieldName<Row>, ...FieldName<Row>[]] },
): z.ZodArray<Row> {
  const schema: z.ZodType<readonly unknown[], readonly unknown[]> = z.array(row);
  const type = keyedTable(row, options.key);
  const sort = sortByKey(type);
  const normalizeRows = compileNormalizer({ ...type, keyFields: null, nullable: false }, "lenient");
  const checked = schema.check((payload) => {
    const rows = normalizeRows(payload.value);
    const sorted = rows instanceof Misfit ? rows : sort(rows as readonly unknown[]);
    if (sorted instanceof Misfit) {
      payload.issues.push({
        code: "custom",
        message: sorted.toString(),
        input: payload.value,
        continue: false,
      });
    } else payload.value = sorted;
  });
  return markSchema(checked as unknown as z.ZodArray<Row>, { sluiceKeyFields: [...options.key] });
}

type FieldName<Row extends z.ZodType> = keyof z.output<Row> & string;

function keyedTable(row: z.ZodType, keyFields: readonly string[]): TableType {
  const type = typeOfSchema(row, "table()");
  if (type.kind !== "struct" || type.nullable) {
    throw new SluiceError("schema-unsupported", "table(): the row is no object.", {
      hint: "Give a z.object({…}), not nullable.",
    });
  }
  const table: TableType = { kind: "table", fields: type.fields, keyFields };
  const unknown = keyFields.find((name) => !type.fields.some((field) => field.name === name));
  if (unknown !== undefined) throw keyInvalid(`the row has no field ${unknown}`);
  if (new Set(keyFields).size < keyFields.length) throw keyInvalid("a field is named twice");
  const problem = keyTypeProblem(keyTypeOfTable(table));
  if (problem !== null) throw keyInvalid(problem);
  return table;
}

function keyInvalid(problem: string): SluiceError {
  return new SluiceError("key-invalid", `table(): ${problem}.`);
}

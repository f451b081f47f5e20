import { z } from "zod";
import type { Json } from "../../../contracts/target.ts";
import { SluiceError } from "../../../errors/index.ts";
import { type FieldType, typeOfSchema, type ValueType } from "../../../values/index.ts";
import { connectionField } from "../connection.ts";
import { checkIdentifier } from "../identifiers.ts";

const filterValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A condition on rows, in SQL. */
const filterSchema = z.strictObject({
  sql: z.string().min(1),
  values: z.array(z.union([filterValue, z.array(filterValue)])).default([]),
});

/** The part of the spec that is plain data, beside the schemas of key and value. */
export const tableSpec = z.strictObject({
  connection: connectionField,
  schema: z.string().default("public"),
  table: z.string(),
  columns: z.record(z.string(), z.string()).default({}),
  ordinalColumn: z.string().nullable().default(null),
  filter: filterSchema.nullable().default(null),
  notify: z.boolean().default(false),
});

export type TableSpec = z.output<typeof tableSpec>;

/** A field of the key or the value, and the column that it is read from. */
export interface TableField {
  readonly name: string;
  readonly column: string;
  readonly type: ValueType;
  readonly isKey: boolean;
}

/**
 * The fields of a table's rows, those of the key first.
 *
 * @throws SluiceError `schema-unsupported`, `key-invalid`, `field-unknown`, `name-invalid`
 */
export function tableFields(
  schemas: { readonly key: z.ZodObject; readonly value: z.ZodObject },
  columns: Readonly<Record<string, string>>,
): readonly TableField[] {
  const fieldsOf = (schema: z.ZodObject, isKey: boolean): TableField[] =>
    structFields(schema, isKey).map(({ name, type }) => ({
      name,
      column: columns[name] ?? name,
      type,
      isKey,
    }));
  const fields = [...fieldsOf(schemas.key, true), ...fieldsOf(schemas.value, false)];
  for (const { name, column, type, isKey } of fields) {
    checkIdentifier("column", column);
    if (isKey && !isKeyKind(type)) throw unfitKey(name, type);
  }
  const unknown = Object.keys(columns).find((name) => !fields.some((field) => field.name === name));
  if (unknown !== undefined)
    throw new SluiceError("field-unknown", `columns names a field ${unknown} that neither key nor value has`);
  return fields;
}

function structFields(schema: z.ZodObject, isKey: boolean): readonly FieldType[] {
  const type = typeOfSchema(schema, `the ${isKey ? "key" : "value"} of a Postgres table`);
  return (type as ValueType & { readonly kind: "struct" }).fields;
}

const keyKinds: ReadonlySet<ValueType["kind"]> = new Set([
  "boolean",
  "string",
  "bytes",
  "int",
  "int64",
  "uuid",
  "date",
  "time",
  "localDateTime",
  "offsetDateTime",
]);

function isKeyKind({ kind, nullable }: ValueType): boolean {
  return keyKinds.has(kind) && !nullable;
}

function unfitKey(name: string, { kind, nullable }: ValueType): SluiceError {
  return new SluiceError(
    "key-invalid",
    `key field ${name} of a Postgres table is ${nullable ? "nullable" : `of kind ${kind}`}`,
    { hint: `A key is made of columns that are never null, of these kinds: ${[...keyKinds].join(", ")}.` },
  );
}

/**
 * Whether rows come in the order of their encoded keys: where Postgres orders values as Sluice does, whatever the
 * collation of the database.
 */
export function isInKeyOrder(fields: readonly TableField[]): boolean {
  return fields.every(({ type, isKey }) => !isKey || ["int", "int64", "uuid"].includes(type.kind));
}

/** What values depend on: which rows of which table, from which columns. */
export function valuesOf({ schema, table, columns, filter }: TableSpec): Json {
  return { schema, table, columns, filter };
}

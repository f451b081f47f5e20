import { SluiceError } from "../../../errors/index.ts";
import type { Session } from "../database.ts";
import { columnKind, type SqlType, schemaFor } from "./column-kinds.ts";
import type { TableField, TableSpec } from "./table-spec.ts";

/** A column as the catalog has it. */
interface Column {
  readonly name: string;
  readonly type: SqlType;
}

/** The columns of a table that are read, by name. */
export type TableColumns = ReadonlyMap<string, SqlType>;

/** What is to be read, of which table. */
export interface WantedTable {
  readonly spec: Pick<TableSpec, "schema" | "table" | "ordinalColumn" | "notify">;
  readonly fields: readonly TableField[];
}

/**
 * Looks a table up, and sees whether it has what is to be read of it.
 *
 * @throws SluiceError `source-misfit`, naming the column
 */
export async function tableColumns(session: Session, wanted: WantedTable): Promise<TableColumns> {
  const { schema, table } = wanted.spec;
  const [found] = await session.query(findTable, [schema, table]);
  if (!found) {
    throw misfit(wanted, "does not exist, or its schema is not open to the user of the connection", {
      hint: "Check the names: they are taken as they are, upper case and lower case apart. A table in another schema than public needs `schema`.",
    });
  }
  if (!readable.has(String(found.kind))) {
    throw misfit(wanted, "is a view or a foreign table, which has no key that Postgres vouches for", {
      hint: "Read the table below it with a `filter`, or a materialized view with a unique index.",
    });
  }
  const columns = await readColumns(session, String(found.oid));
  for (const field of wanted.fields) checkColumn(wanted, field, columns);
  checkKey(wanted, await session.query(findUniqueKeys, [String(found.oid)]));
  checkOrdinal(wanted, columns);
  if (wanted.spec.notify && !["r", "p"].includes(String(found.kind)))
    throw misfit(wanted, "is no table, so that nothing can tell of its changes", {
      hint: "Leave out `notify`.",
    });
  return columns;
}

/** Tables, partitioned tables and materialized views: what can have a unique index. */
const readable: ReadonlySet<string> = new Set(["r", "p", "m"]);

const findTable = `SELECT c.oid::text AS oid, c.relkind::text AS kind
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = $2`;

const findColumns = `WITH RECURSIVE column_type(attnum, oid) AS (
    SELECT attnum, atttypid FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT c.attnum, t.typbasetype FROM column_type c JOIN pg_type t ON t.oid = c.oid WHERE t.typtype = 'd'
  )
  SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS declared,
    format_type(t.oid, -1) AS cast_to, t.typname::text AS type, t.typcategory::text AS category,
    a.atttypmod::text AS modifier, format_type(e.oid, -1) AS element_cast, e.typname::text AS element,
    e.typcategory::text AS element_category
  FROM column_type c
  JOIN pg_type t ON t.oid = c.oid AND t.typtype <> 'd'
  JOIN pg_attribute a ON a.attrelid = $1::oid AND a.attnum = c.attnum
  LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'`;

const findUniqueKeys = `SELECT
    (SELECT json_agg(a.attname ORDER BY k.n)::text
      FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, n)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      WHERE k.n <= i.indnkeyatts) AS columns,
    i.indisprimary::text AS is_primary,
    (SELECT bool_and(a.attnotnull)::text FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, n)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      WHERE k.n <= i.indnkeyatts) AS not_null,
    (c.relkind = 'm')::text AS is_view
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
  ORDER BY i.indisprimary DESC`;

async function readColumns(session: Session, oid: string): Promise<TableColumns> {
  const rows = await session.query(findColumns, [oid]);
  return new Map(rows.map((row) => columnOf(row)).map(({ name, type }) => [name, type]));
}

function columnOf(row: Readonly<Record<string, unknown>>): Column {
  const text = (name: string) => String(row[name]);
  const modifier = Number(row.modifier);
  const element: SqlType | null =
    row.element === null
      ? null
      : {
          declared: text("element_cast"),
          cast: text("element_cast"),
          name: text("element"),
          category: text("element_category"),
          dimension: null,
          element: null,
        };
  const type: SqlType = {
    declared: text("declared"),
    cast: text("cast_to"),
    name: text("type"),
    category: text("category"),
    dimension: modifier > 0 ? modifier : null,
    element,
  };
  return { name: text("name"), type };
}

function checkColumn(wanted: WantedTable, { name, column, type }: TableField, columns: TableColumns): void {
  const found = columns.get(column);
  if (found === undefined) {
    throw misfit(wanted, `has no column ${column}`, {
      hint: `It has ${[...columns.keys()].join(", ")}. Where a field has another name than its column, say columns: { ${name}: "…" }.`,
    });
  }
  if (!columnKind(type).accepts(found)) {
    const field = name === column ? "" : ` for field ${name}`;
    throw misfit(
      wanted,
      `has column ${column} of type ${found.declared}, which is not read as ${type.kind}${field}`,
      {
        hint: `Give ${name} the schema ${schemaFor(found)}.`,
      },
    );
  }
  if (type.kind !== "vector" || type.dimension === null || !/^(vector|halfvec)$/.test(found.name)) return;
  if (found.dimension === null || found.dimension === type.dimension) return;
  throw misfit(
    wanted,
    `has column ${column} of type ${found.declared}, and the schema says ${type.dimension} elements`,
    {
      hint: `Give ${name} the schema ${schemaFor(found)}.`,
    },
  );
}

function checkKey(wanted: WantedTable, keys: readonly Readonly<Record<string, unknown>>[]): void {
  const named = wanted.fields.filter(({ isKey }) => isKey).map(({ column }) => column);
  const candidates = keys.flatMap(({ columns, not_null, is_view }) =>
    columns !== null && (not_null === "true" || is_view === "true")
      ? [JSON.parse(String(columns)) as string[]]
      : [],
  );
  const isNamed = (candidate: readonly string[]) =>
    candidate.length === named.length && candidate.every((column) => named.includes(column));
  if (candidates.some(isNamed)) return;
  const [first] = candidates;
  throw misfit(wanted, `is not known to have one row for each ${named.join(", ")}`, {
    hint: first
      ? `Name its key: ${first.join(", ")}.`
      : "Give it a primary key, or a unique index on columns that are not null.",
  });
}

const ordinalTypes: ReadonlySet<string> = new Set([
  ...["int2", "int4", "int8"],
  ...["timestamp", "timestamptz"],
]);

function checkOrdinal(wanted: WantedTable, columns: TableColumns): void {
  const { ordinalColumn } = wanted.spec;
  if (ordinalColumn === null) return;
  const found = columns.get(ordinalColumn);
  if (found !== undefined && ordinalTypes.has(found.name)) return;
  const what = found === undefined ? "no column" : `a column of type ${found.declared}`;
  throw misfit(wanted, `has ${what} ${ordinalColumn}, and ordinalColumn names it`, {
    hint: "It takes a whole number or a timestamp that grows whenever the row changes.",
  });
}

function misfit({ spec }: WantedTable, what: string, { hint }: { readonly hint: string }): SluiceError {
  return new SluiceError("source-misfit", `table ${spec.schema}.${spec.table} ${what}`, { hint });
}

import type { Session } from "./database.ts";
import { readMarker, type TableState } from "./table-state.ts";

/** Where a table is. */
export interface TableName {
  /** The first schema of the search path where null. */
  readonly schema: string | null;
  readonly table: string;
}

/** A column as the catalog has it. */
export interface CatalogColumn {
  readonly name: string;
  /** With its modifier, such as `vector(3)`. */
  readonly type: string;
  /** Without, in a form that a cast does not cut values off by. */
  readonly castType: string;
  /** It takes no NULL and has no default: whoever inserts must give it. */
  readonly isRequired: boolean;
}

/** A table as the catalog has it. */
export interface CatalogTable {
  readonly columns: readonly CatalogColumn[];
  /** The columns of the primary key and of every other unique index over whole columns, in their order. */
  readonly uniqueKeys: readonly (readonly string[])[];
  readonly primaryKey: readonly string[];
  /** Names of its indexes. */
  readonly indexes: readonly string[];
  /** What its comment says of it; null where Sluice did not make it. */
  readonly marker: TableState | null;
}

/** An extension's types are shown with their schema where that is not in the search path: it says nothing here. */
const withoutSchema = `regexp_replace(%, '^(public|extensions|"?[A-Za-z_]\\w*"?)\\.(vector|halfvec|sparsevec)', '\\2')`;

const columnsQuery = `
SELECT a.attname::text AS name,
  ${withoutSchema.replace("%", "format_type(a.atttypid, a.atttypmod)")} AS type,
  format_type(a.atttypid, -1) AS cast_type,
  (a.attnotnull AND NOT a.atthasdef AND a.attidentity = '')::text AS is_required
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = $1::text::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`;

const indexesQuery = `
SELECT c.relname::text AS name, i.indisprimary::text AS is_primary,
  (i.indisunique AND i.indpred IS NULL AND i.indimmediate AND 0 <> ALL (i.indkey::int2[]))::text AS is_unique,
  (SELECT json_agg(a.attname ORDER BY k.n)::text
   FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n)
   JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
   WHERE k.n <= i.indnkeyatts) AS columns
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = $1::text::oid AND i.indisvalid
ORDER BY c.relname`;

const tableQuery = `
SELECT c.oid::text AS oid, c.relkind::text AS kind, obj_description(c.oid, 'pg_class') AS comment
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = $1::text AND n.nspname = coalesce($2::text, current_schema()::text)
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`;

/** What the catalog knows of a table; null where none of that name is there. */
export async function readCatalog(session: Session, name: TableName): Promise<CatalogTable | null> {
  const [table] = (await session.query(tableQuery, [name.table, name.schema])) as {
    oid: string;
    comment: string | null;
  }[];
  if (table === undefined) return null;
  const columns = await session.query(columnsQuery, [table.oid]);
  const indexes = (await session.query(indexesQuery, [table.oid])) as {
    name: string;
    is_primary: string;
    is_unique: string;
    columns: string | null;
  }[];
  const keysOf = (rows: typeof indexes) => rows.map((row) => JSON.parse(row.columns ?? "[]") as string[]);
  return {
    columns: columns.map((column) => ({
      name: String(column.name),
      type: String(column.type),
      castType: String(column.cast_type),
      isRequired: column.is_required === "true",
    })),
    uniqueKeys: keysOf(indexes.filter(({ is_unique }) => is_unique === "true")),
    primaryKey: keysOf(indexes.filter(({ is_primary }) => is_primary === "true"))[0] ?? [],
    indexes: indexes.map((row) => row.name),
    marker: readMarker(table.comment),
  };
}

/** The state that a table is in: what its comment tells of it, as far as the catalog agrees. */
export function stateOf(catalog: CatalogTable): TableState {
  const { marker, columns, primaryKey, indexes } = catalog;
  const known = marker && new Set(marker.columns.map(({ name }) => name));
  return {
    owner: marker?.owner ?? null,
    connection: marker?.connection ?? null,
    // Columns that others have added to a table of ours are theirs.
    columns: columns
      .filter(({ name }) => known === null || known.has(name))
      .map(({ name, type }) => ({ name, type })),
    primaryKey: [...primaryKey],
    indexes: (marker?.indexes ?? []).filter(({ name }) => indexes.includes(name)),
    attachments: marker?.attachments ?? [],
  };
}

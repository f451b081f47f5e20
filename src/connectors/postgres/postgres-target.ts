import { z } from "zod";
import type { TargetUse } from "../../contracts/target.ts";
import { connectionField, describeReference, type PostgresConnection, parseReference } from "./connection.ts";
import { shareDatabase } from "./share-database.ts";
import { type TableOptions, tableFields } from "./table-spec.ts";
import { defineTableTarget } from "./table-target.ts";

/** Options of a table in Postgres. */
export interface PostgresTargetOptions extends TableOptions {
  /** A URL, `env("DATABASE_URL")`, or what `defineConnection` yields. */
  readonly connection: PostgresConnection;
}

const tables = defineTableTarget({
  kind: "postgres",
  spec: z.strictObject({ connection: connectionField, ...tableFields }),
  connectionOf: ({ connection }) => connection,
  describe: (connection) => describeReference(parseReference(connection)),
  open: (connection) => shareDatabase(parseReference(connection)),
});

/**
 * A table in Postgres 14 or newer, with a column for each field of the export; vectors want the extension pgvector. The
 * table, its columns and its indexes are made, altered and dropped by setup.
 *
 * @example
 * collector.export("Chunks", postgres({ connection: env("DATABASE_URL") }), {
 *   primaryKeyFields: ["filename", "location"],
 *   vectorIndexes: [{ field: "embedding", metric: "cosine" }],
 * });
 *
 * @throws SluiceError `spec-invalid` for options that cannot be meant
 */
export function postgres(options: PostgresTargetOptions): TargetUse<unknown, unknown> {
  return tables(options);
}

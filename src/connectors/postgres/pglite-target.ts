import { posix } from "node:path";
import { z } from "zod";
import type { TargetUse } from "../../contracts/target.ts";
import { openPglite } from "./open-pglite.ts";
import { pgliteDatabase } from "./pglite-database.ts";
import { type TableOptions, tableFields } from "./table-spec.ts";
import { defineTableTarget } from "./table-target.ts";

/** Options of a table in PGlite. */
export interface PgliteTargetOptions extends TableOptions {
  /** Where the database is, relative to the app directory or absolute; made where it is missing. */
  readonly directory: string;
}

const stored = z.strictObject({ directory: z.string() });

const tables = defineTableTarget({
  kind: "pglite",
  spec: z.strictObject({
    directory: z
      .string()
      .min(1, "is empty")
      .refine((path) => !path.includes("\0"), "has U+0000"),
    ...tableFields,
  }),
  connectionOf: ({ directory }) => ({ directory: posix.normalize(directory).replace(/(?<=.)\/$/, "") }),
  describe: (connection) => `the PGlite of ${stored.parse(connection).directory}`,
  async open(connection, { appDirectory }) {
    const { client, close } = await openPglite({ ...stored.parse(connection), appDirectory });
    return pgliteDatabase(client, close);
  },
});

/**
 * A table in a PGlite: Postgres within this process, its files in a directory. It is what `postgres` is, without a
 * server; vectors want the package `@electric-sql/pglite-pgvector` beside `@electric-sql/pglite`.
 *
 * @example
 * collector.export("Chunks", pglite({ directory: "search.db" }), {
 *   primaryKeyFields: ["filename", "location"],
 *   vectorIndexes: [{ field: "embedding", metric: "cosine" }],
 * });
 *
 * @throws SluiceError `spec-invalid` for options that cannot be meant
 */
export function pglite(options: PgliteTargetOptions): TargetUse<unknown, unknown> {
  return tables(options);
}

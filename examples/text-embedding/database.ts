import { env } from "sluice";
import { openPglite, pglite } from "sluice/pglite";
import { postgres } from "sluice/postgres";

/** A question in SQL, with the values of its `$1`, `$2`, … */
export interface Question {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** What the directory of a PGlite is relative to. */
  readonly appDirectory: string;
}

/** A Postgres within this process, with its files in a directory: where rows are written, and how it is asked. */
export function onPglite(directory: string) {
  return {
    target: pglite({ directory }),
    async ask({ sql, values, appDirectory }: Question) {
      const { client, close } = await openPglite({ directory, appDirectory });
      try {
        return (await client.query(sql, [...values])).rows as Record<string, unknown>[];
      } finally {
        await close();
      }
    },
  };
}

/** A server, whose URL stands in this environment variable: where rows are written, and how it is asked. */
export function onPostgres(variable: string) {
  return {
    target: postgres({ connection: env(variable) }),
    async ask({ sql, values }: Question) {
      const { default: pg } = await import("pg");
      const client = new pg.Client({ connectionString: process.env[variable] });
      await client.connect();
      try {
        return (await client.query(sql, [...values])).rows as Record<string, unknown>[];
      } finally {
        await client.end();
      }
    },
  };
}

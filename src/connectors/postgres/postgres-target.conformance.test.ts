import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import {
  canStartPostgres,
  type PostgresServer,
  startPostgres,
} from "../../../test/servers/postgres-server.ts";
import { sqlTableOptions } from "../../../test/worlds/sql-table.ts";
import { env } from "../../contracts/secret.ts";
import { targetConformance } from "../../testing/target-conformance.ts";
import { postgres, sqlAttachment } from "./index.ts";

const variable = "SLUICE_TEST_CONFORMANCE_URL";

describe("a table of Postgres keeps the contract of targets", () => {
  const hasPostgres = canStartPostgres();
  let server: PostgresServer;
  let outside: pg.Pool;
  beforeEach((context) =>
    context.skip(
      !hasPostgres,
      "needs Postgres with pgvector: tools/test-servers/install-postgres installs it",
    ),
  );
  beforeAll(async () => {
    if (!hasPostgres) return;
    server = await startPostgres();
    process.env[variable] = server.url();
    outside = new pg.Pool({ connectionString: server.url(), max: 2 });
  }, 60_000);
  afterAll(async () => {
    await outside?.end();
    delete process.env[variable];
    server?.remove();
  });

  const suite = targetConformance(
    sqlTableOptions(
      ({ name }, spec) => postgres({ connection: env(variable), table: name, ...spec }),
      () => async (text, values) => (await outside.query(text, values)).rows,
      [
        sqlAttachment({
          name: "a function",
          setup:
            "CREATE OR REPLACE FUNCTION sluice_one() RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT sluice_one()",
          teardown: "DROP FUNCTION IF EXISTS sluice_one()",
        }),
      ],
    ),
  );
  for (const { name, run } of suite) test(name, run);
});

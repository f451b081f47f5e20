import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  canStartPostgres,
  type PostgresServer,
  startPostgres,
} from "../../../test/servers/postgres-server.ts";
import { copiedFrom, copyRows } from "./copy-rows.ts";
import type { Database } from "./database.ts";
import { openDatabase } from "./open-database.ts";
import { type TextRow, upsertRows } from "./write-rows.ts";

describe("many rows at once", () => {
  const hasPostgres = canStartPostgres();
  let server: PostgresServer;
  let database: Database;
  beforeAll(async () => {
    if (!hasPostgres) return;
    server = await startPostgres();
    database = await openDatabase({ url: server.url() });
  }, 60_000);
  afterAll(async () => {
    await database?.close();
    server?.remove();
  });
  beforeEach((context) =>
    context.skip(
      !hasPostgres,
      "needs Postgres with pgvector: tools/test-servers/install-postgres installs it",
    ),
  );

  const cell = (name: string, isKey: boolean) => ({
    name,
    isKey,
    type: { kind: "string" as const, nullable: true },
    optional: false,
    castType: "text",
  });
  const tableOf = (table: string) => ({
    name: { schema: null, table },
    columns: [cell("id", true), cell("text", false)],
  });

  /** Characters that mean something to COPY, to array literals, or to neither. */
  const hostile = fc.string({
    unit: fc.constantFrom("\\", "\n", "\r", "\t", '"', "{", "}", ",", "N", "é", "😀", " ", "'"),
  });

  it("go in by COPY as they do by arrays, whatever their text, and replace what is there", async () => {
    await database.query('CREATE TABLE copied (id text PRIMARY KEY, "text" text)');
    await database.query('CREATE TABLE unnested (id text PRIMARY KEY, "text" text)');
    const difference = `SELECT count(*)::text AS rows FROM copied FULL JOIN unnested USING (id)
      WHERE copied."text" IS DISTINCT FROM unnested."text" OR copied.* IS NULL OR unnested.* IS NULL`;
    const texts = fc.array(fc.option(hostile), { minLength: 50, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(texts, async (given) => {
        const rows: TextRow[] = Array.from({ length: copiedFrom }, (_, i) => [
          `${i} ${given[(i + 1) % 50]}`,
          given[i % 50]!,
        ]);
        await database.transaction(async (session) => {
          expect(await copyRows(session, database, { table: tableOf("copied"), rows })).toBe(true);
          await upsertRows(session, tableOf("unnested"), rows);
        });
        expect(await database.query(difference)).toEqual([{ rows: "0" }]);
      }),
      { numRuns: 10 },
    );
    const [{ rows }] = (await database.query("SELECT count(*)::text AS rows FROM copied")) as [
      { rows: string },
    ];
    expect(Number(rows)).toBeGreaterThanOrEqual(copiedFrom);
  });

  it("go in without a temporary table where none may be made", async () => {
    await database.query("CREATE DATABASE strict");
    await database.query(`CREATE ROLE strict LOGIN PASSWORD '${server.password}'`);
    await database.query("REVOKE TEMPORARY ON DATABASE strict FROM PUBLIC");
    const strict = await openDatabase({ url: server.url("strict", "strict") });
    const rows: TextRow[] = Array.from({ length: copiedFrom }, (_, i) => [String(i), ""]);
    try {
      const copied = await strict.transaction((session) =>
        copyRows(session, strict, { table: tableOf("none"), rows }),
      );
      expect(copied).toBe(false);
    } finally {
      await strict.close();
    }
  });
});

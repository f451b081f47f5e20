import { PGlite } from "@electric-sql/pglite";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  canStartPostgres,
  type PostgresServer,
  startPostgres,
} from "../../../test/servers/postgres-server.ts";
import { defineConnection } from "../../contracts/named-connection.ts";
import { parseSpec } from "../../contracts/parse-spec.ts";
import { env, secret } from "../../contracts/secret.ts";
import {
  type ConnectionReference,
  connectionField,
  describeReference,
  parseReference,
} from "./connection.ts";
import type { Database } from "./database.ts";
import { stripUrl, urlOf } from "./database-url.ts";
import { checkIdentifier, quoteIdentifier, quoteLiteral, quoteTable } from "./identifiers.ts";
import { openDatabase } from "./open-database.ts";
import { isUnavailable, sqlState, toPostgresError } from "./sql-error.ts";

const spec = z.object({ connection: connectionField });
const referenceOf = (connection: unknown) =>
  (parseSpec("target postgres", spec, { connection }) as { connection: ConnectionReference }).connection;

const codes = { unavailable: "target-unavailable", otherwise: "mutate-failed" } as const;

describe("the connection of a spec is kept as a reference", () => {
  it("names the environment variable and the named connection, and no value", () => {
    expect(referenceOf(env("DATABASE_URL"))).toEqual({ env: "DATABASE_URL" });
    const named = defineConnection("kept-by-name", "postgres://u:hidden@h/d");
    expect(JSON.stringify(referenceOf(named))).toBe('{"connection":"kept-by-name"}');
    expect(parseReference({ env: "X" })).toEqual({ env: "X" });
  });

  it("leaves out the password and secret parameters of a URL, and knows it again in this process", () => {
    const url = "postgres://me:pa%40ss@db.example:5433/app?sslmode=require&sslpassword=hush";
    const reference = referenceOf(url);
    expect(reference).toEqual({
      url: "postgres://me:***@db.example:5433/app?sslmode=require&sslpassword=***",
    });
    expect(urlOf((reference as { url: string }).url)).toBe(url);
    expect(describeReference(reference)).not.toMatch(/%40|hush/);
  });

  it("asks for what it does not know, and takes a URL without a secret as it is", () => {
    expect(urlOf("postgres://me@other.example/app")).toBe("postgres://me@other.example/app");
    expect(() => urlOf("postgres://me:***@never.example/app")).toThrowError(
      expect.objectContaining({ code: "connection-missing" }),
    );
  });

  it("refuses what is no connection without repeating it", () => {
    const unfit = [
      "mysql://u:hidden@h/d",
      "hidden",
      "postgres://u:1#hidden@h/d",
      "postgres://u:1/hidden@h/d",
    ];
    for (const text of unfit) {
      const thrown = thrownBy(() => referenceOf(text));
      expect(thrown).toMatchObject({ code: "spec-invalid" });
      expect(String(thrown)).not.toContain("hidden");
    }
    expect(thrownBy(() => referenceOf(secret().parse("hidden")))).toMatchObject({ code: "spec-invalid" });
    expect(thrownBy(() => referenceOf(7))).toMatchObject({ code: "spec-invalid" });
  });

  it("never shows a password, whatever its characters", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((text) => text.isWellFormed()),
        (password) => {
          const encoded = `secret-${encodeURIComponent(password)}`;
          expect(stripUrl(`postgresql://u:${encoded}@h/d`)).toBe("postgresql://u:***@h/d");
        },
      ),
    );
  });
});

describe("names and text in SQL", () => {
  it("quotes every name, and refuses one that Postgres would cut off", () => {
    expect(quoteIdentifier('a"b')).toBe('"a""b"');
    expect(quoteTable({ schema: "s", table: "T" })).toBe('"s"."T"');
    expect(quoteTable({ schema: null, table: "T" })).toBe('"T"');
    expect(quoteLiteral("it's")).toBe("'it''s'");
    expect(quoteLiteral("a\\b'")).toBe("E'a\\\\b'''");
    checkIdentifier("table", "é".repeat(31));
    for (const name of ["é".repeat(32), "", "a\0"])
      expect(thrownBy(() => checkIdentifier("table", name))).toMatchObject({ code: "name-invalid" });
  });
});

describe("errors", () => {
  const server = (code: string) => Object.assign(new Error(`said ${code}`), { code, severity: "ERROR" });

  it("tells a database that is away from a row that does not fit", () => {
    for (const code of ["08006", "57P01", "53300", "28P01", "3D000"])
      expect(isUnavailable(server(code))).toBe(true);
    for (const code of ["23514", "22P02", "42501", "54000", "57014"])
      expect(isUnavailable(server(code))).toBe(false);
    expect(isUnavailable(Object.assign(new Error("x"), { code: "ECONNREFUSED" }))).toBe(true);
    expect(isUnavailable(new Error("Connection terminated unexpectedly"))).toBe(true);
    expect(sqlState(Object.assign(new Error("x"), { code: "EPIPE" }))).toBeNull();
  });

  it("keeps what the server said and not what the driver adds", () => {
    const thrown = Object.assign(server("23514"), {
      constraint: "short",
      query: "INSERT hidden",
      params: ["hidden"],
    });
    const error = toPostgresError(thrown, codes);
    expect(error).toMatchObject({ code: "mutate-failed", message: "said 23514 (SQLSTATE 23514)" });
    expect(error.cause).toMatchObject({ code: "23514", constraint: "short" });
    expect(JSON.stringify(error.cause)).not.toContain("hidden");
    expect(toPostgresError(server("57P01"), codes)).toMatchObject({ code: "target-unavailable" });
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  throw new Error("nothing was thrown");
}

describe("a database in this process", () => {
  it("is a PGlite of the user's, which stays open", async () => {
    const client = await PGlite.create();
    try {
      const database = await openDatabase(referenceOf(defineConnection("mine-in-process", client)));
      await expectTransactions(database);
      await database.close();
      expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    } finally {
      await client.close();
    }
  });
});

describe("a database on a server", () => {
  const hasPostgres = canStartPostgres();
  let server: PostgresServer;
  beforeEach((context) =>
    context.skip(
      !hasPostgres,
      "needs Postgres with pgvector: tools/test-servers/install-postgres installs it",
    ),
  );
  beforeAll(async () => {
    if (hasPostgres) server = await startPostgres();
  }, 60_000);
  afterAll(() => server?.remove());

  it("commits what resolves, and rolls back what rejects or is aborted", async () => {
    const database = await openDatabase(referenceOf(server.url()));
    try {
      await expectTransactions(database);
    } finally {
      await database.close();
    }
  });

  it("is a pool of the user's, which stays open; a single client is refused", async () => {
    const pool = new pg.Pool({ connectionString: server.url(), max: 1 });
    const client = new pg.Client({ connectionString: server.url() });
    try {
      const database = await openDatabase(referenceOf(defineConnection("mine", pool)));
      await expectTransactions(database);
      await database.close();
      expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
      const single = await openDatabase(referenceOf(defineConnection("single", client)));
      await expect(single.transaction(async () => 1)).rejects.toMatchObject({ code: "connection-missing" });
    } finally {
      await pool.end();
      await client.end();
    }
  });

  it("is reached by options of a pool, and by an environment variable as it is now", async () => {
    const { host, port, password } = server;
    const options = { host, port, password, user: "postgres", database: "postgres", max: 1 };
    const byOptions = await openDatabase(referenceOf(defineConnection("by-options", options)));
    expect(await byOptions.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await byOptions.close();
    const reference = referenceOf(env("SLUICE_TEST_POSTGRES_URL"));
    await expect(openDatabase(reference)).rejects.toMatchObject({ code: "secret-missing" });
    process.env.SLUICE_TEST_POSTGRES_URL = server.url();
    try {
      const byVariable = await openDatabase(reference);
      expect(await byVariable.query("SELECT $1::text AS given", ["x"])).toEqual([{ given: "x" }]);
      await byVariable.close();
    } finally {
      delete process.env.SLUICE_TEST_POSTGRES_URL;
    }
  });

  it("says that a server is away, that a password is wrong, and when it is cut off; never the password", async () => {
    const seen: unknown[] = [];
    const attempt = async (url: string, work: (database: Database) => Promise<unknown>) => {
      const database = await openDatabase(referenceOf(url));
      const thrown = await work(database).catch((error: unknown) => toPostgresError(error, codes));
      expect(thrown).toMatchObject({ code: "target-unavailable" });
      seen.push(thrown);
      await database.close();
    };
    const query = (database: Database) => database.query("SELECT 1");
    await attempt(server.url("postgres", "nobody"), query);
    await attempt(server.url("nowhere"), query);
    await attempt(`postgres://u:${server.password}@127.0.0.1:1/d`, query);
    await attempt(server.url(), (database) =>
      database.transaction(async (session) => {
        await session.query("SELECT pg_terminate_backend(pg_backend_pid())");
        await session.query("SELECT 1");
      }),
    );
    const { inspect } = await import("node:util");
    expect(inspect(seen, { depth: 9, showHidden: true })).not.toContain(server.password);
  });
});

async function expectTransactions(database: Database): Promise<void> {
  await database.query("CREATE TABLE kept (id text)");
  await database.transaction((session) => session.query("INSERT INTO kept VALUES ('a')"));
  const failing = database.transaction(async (session) => {
    await session.query("INSERT INTO kept VALUES ('b')");
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  const stop = new AbortController();
  const aborted = database.transaction(async (session) => {
    await session.query("INSERT INTO kept VALUES ('c')");
    stop.abort(new Error("stopped"));
  }, stop.signal);
  await expect(aborted).rejects.toThrow("stopped");
  expect(await database.query("SELECT id FROM kept")).toEqual([{ id: "a" }]);
  await database.query("DROP TABLE kept");
}

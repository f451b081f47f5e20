import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import { z } from "zod";
import {
  canStartPostgres,
  type PostgresServer,
  startPostgres,
} from "../../../../test/servers/postgres-server.ts";
import { type ConformancePlace, sourceConformance } from "../../../testing/index.ts";
import { int64, json } from "../../../values/index.ts";
import { postgresTable } from "./postgres-table.ts";

const hasPostgres = canStartPostgres();
let server: PostgresServer;
/** Another client than the source's. */
let outside: pg.Pool;

beforeAll(async () => {
  if (!hasPostgres) return;
  server = await startPostgres();
  outside = new pg.Pool({ connectionString: server.url(), max: 4 });
  outside.on("error", () => {});
}, 60_000);

afterAll(async () => {
  await outside?.end();
  server?.remove();
});

beforeEach((context) =>
  context.skip(!hasPostgres, "needs Postgres with pgvector: tools/test-servers/install-postgres installs it"),
);

/** What Postgres can hold in a text. */
const text = z.string().refine((given) => !given.includes("\0"));
const plainJson = json().refine((given) => !JSON.stringify(given).includes("\\u0000"));

const run = (statement: string, values?: unknown[]) => outside.query(statement, values);

/** The functions of triggers that stand for a table. */
async function captures({ name }: ConformancePlace): Promise<string[]> {
  const { rows } = await run(
    `SELECT p.proname || ' ' || coalesce(string_agg(g.tgname, ' ' ORDER BY g.tgname), '') AS capture
     FROM pg_proc p LEFT JOIN pg_trigger g ON g.tgfoid = p.oid
     WHERE p.proname LIKE 'sluice\\_%' AND (g.tgrelid IS NULL OR g.tgrelid = to_regclass($1))
     GROUP BY p.proname`,
    [name],
  );
  return rows.map(({ capture }) => String(capture));
}

/** Renames the table away: what reads it finds none. */
async function hide({ name }: ConformancePlace): Promise<() => Promise<void>> {
  await run(`ALTER TABLE ${name} RENAME TO hidden_${name}`);
  return async () => void (await run(`ALTER TABLE hidden_${name} RENAME TO ${name}`));
}

const drop = async ({ name }: ConformancePlace) => void (await run(`DROP TABLE IF EXISTS ${name}`));

const listsValues = sourceConformance({
  source: ({ name }) =>
    postgresTable({
      connection: server.url(),
      table: name,
      key: z.object({ area: z.string(), nr: z.int() }),
      value: z.object({ text: z.string(), note: z.string().nullable(), tags: json() }),
      filter: { sql: "kept = $1", values: [true] },
      notify: true,
    }),
  key: z.object({ area: text.max(300), nr: z.int() }),
  value: z.object({ text: text.max(20_000), note: text.nullable(), tags: plainJson }),
  capabilities: { listsValues: true, watches: true, setsUp: true },
  outside: {
    create: async ({ name }) => {
      await run(
        `CREATE TABLE ${name} (area text, nr bigint, text text NOT NULL, note text, tags jsonb, kept boolean NOT NULL DEFAULT true, PRIMARY KEY (area, nr))`,
      );
    },
    write: async ({ name }, { area, nr }, { text, note, tags }) => {
      await run(
        `INSERT INTO ${name} VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (area, nr) DO UPDATE SET text = $3, note = $4, tags = $5`,
        [area, nr, text, note, JSON.stringify(tags)],
      );
    },
    remove: async ({ name }, { area, nr }) =>
      void (await run(`DELETE FROM ${name} WHERE area = $1 AND nr = $2`, [area, nr])),
    touch: async ({ name }, { area, nr }) =>
      void (await run(`UPDATE ${name} SET text = text WHERE area = $1 AND nr = $2`, [area, nr])),
    rename: async ({ name }, from, to) =>
      void (await run(`UPDATE ${name} SET area = $3, nr = $4 WHERE area = $1 AND nr = $2`, [
        from.area,
        from.nr,
        to.area,
        to.nr,
      ])),
    writeForeign: async ({ name }) =>
      void (await run(`INSERT INTO ${name} VALUES ('foreign', 0, 'x', NULL, 'null', false)
        ON CONFLICT (area, nr) DO UPDATE SET text = 'y'`)),
    needs: captures,
    makeUnreachable: hide,
  },
  cleanUp: drop,
});

const listsOrdinals = sourceConformance({
  source: ({ name }) =>
    postgresTable({
      connection: server.url(),
      table: name,
      key: z.object({ id: int64() }),
      value: z.object({ text: z.string(), bytes: z.array(z.int()).nullable() }),
      columns: { text: "the text" },
      ordinalColumn: "changed_at",
      notify: true,
    }),
  key: z.object({ id: int64() }),
  value: z.object({ text: text.max(20_000), bytes: z.array(z.int()).nullable() }),
  capabilities: { providesOrdinal: true, ordered: true, watches: true, setsUp: true },
  outside: {
    create: async ({ name }) => {
      await run(
        `CREATE TABLE ${name} (id bigint PRIMARY KEY, "the text" text NOT NULL, bytes bigint[], changed_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
      );
    },
    write: async ({ name }, { id }, { text, bytes }) => {
      await run(
        `INSERT INTO ${name} VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET "the text" = $2, bytes = $3, changed_at = clock_timestamp()`,
        [String(id), text, bytes],
      );
    },
    remove: async ({ name }, { id }) => void (await run(`DELETE FROM ${name} WHERE id = $1`, [String(id)])),
    touch: async ({ name }, { id }) =>
      void (await run(`UPDATE ${name} SET changed_at = clock_timestamp() WHERE id = $1`, [String(id)])),
    rename: async ({ name }, from, to) =>
      void (await run(`UPDATE ${name} SET id = $2 WHERE id = $1`, [String(from.id), String(to.id)])),
    needs: captures,
    makeUnreachable: hide,
  },
  cleanUp: drop,
});

describe("a table that lists values, with a composite key and a filter, keeps the contract", () => {
  for (const { name, run: check } of listsValues) test(name, check, 120_000);
});

describe("a table that lists ordinals keeps the contract", () => {
  for (const { name, run: check } of listsOrdinals) test(name, check, 120_000);
});

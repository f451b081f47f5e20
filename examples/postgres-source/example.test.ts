import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { UpdateInfo } from "../../src/index.ts";
import { canStartPostgres, type PostgresServer, startPostgres } from "../../test/servers/postgres-server.ts";
import { commandLine } from "../../test/support/example-project.ts";
import { until } from "../../test/worlds/until.ts";

const example = dirname(fileURLToPath(import.meta.url));
const hasPostgres = canStartPostgres();
let server: PostgresServer;
let database: pg.Pool;
let directory = "";

beforeAll(async () => {
  if (!hasPostgres) return;
  server = await startPostgres();
  database = new pg.Pool({ connectionString: server.url(), max: 2 });
  await database.query(readFileSync(join(example, "products.sql"), "utf8"));
  directory = mkdtempSync(join(tmpdir(), "sluice-example-"));
  const left = new Set(["node_modules", ".sluice"]);
  cpSync(example, directory, { recursive: true, filter: (path) => !left.has(basename(path)) });
  symlinkSync(join(example, "..", "..", "node_modules"), join(directory, "node_modules"), "junction");
}, 60_000);

afterAll(async () => {
  await database?.end();
  server?.remove();
  if (directory !== "") rmSync(directory, { recursive: true, force: true });
});

beforeEach((context) =>
  context.skip(!hasPostgres, "needs Postgres with pgvector: tools/test-servers/install-postgres installs it"),
);

/** Starts the command line on the example's flow. */
function sluice(...args: readonly string[]) {
  const child = spawn(process.execPath, [commandLine, args[0]!, "flows.ts", ...args.slice(1)], {
    cwd: directory,
    env: { ...process.env, DATABASE_URL: server.url(), NODE_OPTIONS: "" },
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (errors += chunk));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    interrupt: () => child.kill("SIGINT"),
    async ended() {
      const code = await ended;
      return { code, output, errors };
    },
  };
}

/** What an update did. */
async function update(expectedCode = 0): Promise<Record<string, unknown>> {
  const { code, output, errors } = await sluice("update", "--setup", "--json", "--quiet").ended();
  expect(code, errors).toBe(expectedCode);
  const { flows } = JSON.parse(output) as { readonly flows: readonly UpdateInfo[] };
  const { functions, targets, sources } = flows[0]!;
  return {
    deleted: sources.products!.deleted,
    computed: functions.describeProduct?.computed ?? 0,
    upserted: targets.SearchableProducts?.upserted ?? 0,
  };
}

const titles = () =>
  database
    .query("SELECT title FROM searchable_products ORDER BY id")
    .then(({ rows }) => rows.map(({ title }) => title as string));

const nothing = { deleted: 0, computed: 0, upserted: 0 };

test("rows are followed, with no more work than changes ask for", async () => {
  expect(await update()).toEqual({ ...nothing, computed: 5, upserted: 5 });
  expect(await update()).toEqual(nothing);
  const nearest = await database.query(
    `SELECT title FROM searchable_products
     ORDER BY embedding <=> (SELECT embedding FROM searchable_products WHERE title = 'Bread knife') LIMIT 2`,
  );
  expect(nearest.rows).toEqual([{ title: "Bread knife" }, { title: "Proofing basket" }]);

  await database.query("UPDATE products SET description = 'A kettle that whistles.' WHERE id = 1");
  expect(await update()).toEqual({ ...nothing, computed: 1, upserted: 1 });
  await database.query("UPDATE products SET published = false WHERE id = 5");
  expect(await update()).toEqual({ ...nothing, deleted: 1 });
  await database.query("UPDATE products SET published = true WHERE id >= 5");
  expect(await update()).toEqual({ ...nothing, computed: 2, upserted: 2 });
  expect(await titles()).toHaveLength(6);
}, 120_000);

test("a live update hears of changes, and drop leaves nothing behind", async () => {
  const live = sluice("update", "--live", "--setup");
  await database.query("INSERT INTO products (title, description, price) VALUES ('Teapot', 'Of clay.', 45)");
  await until(
    async () => (await titles()).includes("Teapot"),
    "a row that was there before it is live, or came after",
  );
  await database.query("UPDATE products SET title = 'Clay teapot' WHERE title = 'Teapot'");
  await until(async () => (await titles()).includes("Clay teapot"), "an edit");
  await database.query("DELETE FROM products WHERE title = 'Clay teapot'");
  await until(async () => !(await titles()).includes("Clay teapot"), "a removal");
  live.interrupt();
  const { errors } = await live.ended();
  expect(errors).not.toContain(server.password);

  expect((await sluice("drop", "--force").ended()).code).toBe(0);
  const { rows } = await database.query(
    `SELECT to_regclass('searchable_products')::text AS target,
      (SELECT count(*)::int FROM pg_proc WHERE proname LIKE 'sluice%') AS functions,
      (SELECT count(*)::int FROM products) AS products`,
  );
  expect(rows).toEqual([{ target: null, functions: 0, products: 6 }]);
}, 120_000);

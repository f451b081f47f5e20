import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { postgres, sqlAttachment } from "../../src/connectors/postgres/index.ts";
import {
  configure,
  defineConnection,
  defineFlow,
  defineFunction,
  type ExportOptions,
  type Flow,
  type TargetUse,
  vector,
} from "../../src/index.ts";
import { openLmdbStore } from "../../src/stores/lmdb/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { canStartPostgres, type PostgresServer, startPostgres } from "../servers/postgres-server.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();
const hasPostgres = canStartPostgres();
let server: PostgresServer;
let sql: pg.Pool;
let database = "";
let made = 0;

beforeAll(async () => {
  if (hasPostgres) server = await startPostgres();
}, 60_000);
afterAll(() => server?.remove());

beforeEach(async (context) => {
  context.skip(!hasPostgres, "needs Postgres with pgvector: tools/test-servers/install-postgres installs it");
  const admin = new pg.Client({ connectionString: server.url() });
  await admin.connect();
  database = `test_${++made}`;
  await admin.query(`CREATE DATABASE ${database}`);
  await admin.end();
  sql = new pg.Pool({ connectionString: server.url(database), max: 2 });
  sql.on("error", () => {});
});
afterEach(async () => {
  await sql?.end();
});

const embed = defineFunction({
  name: "embed",
  version: 1,
  input: { text: z.string() },
  output: vector(3),
  run: ({ text }) => [text.length, 1, 0],
});

type Page = { id: string; text: string };
type EmbeddedPage = Page & { embedding: Float32Array };
type Options<Row = Page> = Omit<ExportOptions<Row>, "primaryKeyFields">;

/** A flow from pages to one table, or to two of the same rows. */
function define(
  target: TargetUse<unknown, unknown>,
  options: Options = {},
  other?: TargetUse<unknown, unknown>,
): Flow {
  world.closeFlows();
  return world.keep(
    defineFlow("Docs", (flow) => {
      const out = flow.addCollector<{ id: string; text: string }>();
      flow.addSource("pages", world.notebook.source({ ordered: true })({})).forEachRow((page) => {
        out.collect({ id: page.id, text: page.text });
      });
      out.export("Pages", target, { primaryKeyFields: ["id"], ...options });
      if (other !== undefined) out.export("Others", other, { primaryKeyFields: ["id"] });
    }),
  );
}

function defineVectors(target: TargetUse<unknown, unknown>, options: Options<EmbeddedPage> = {}): Flow {
  world.closeFlows();
  return world.keep(
    defineFlow("Vectors", (flow) => {
      const out = flow.addCollector<EmbeddedPage>();
      flow.addSource("pages", world.notebook.source({ ordered: true })({})).forEachRow((page) => {
        out.collect({ id: page.id, text: page.text, embedding: page.text.transform(embed) });
      });
      out.export("Pages", target, { primaryKeyFields: ["id"], ...options });
    }),
  );
}

const pages = (options: Partial<Parameters<typeof postgres>[0]> = {}) =>
  postgres({ connection: server.url(database), table: "pages", ...options });

async function ask(text: string): Promise<Record<string, unknown>[]> {
  return (await sql.query(text)).rows;
}

async function build(flow: Flow): Promise<void> {
  await flow.setup();
  expect((await flow.update()).failures).toEqual([]);
}

const texts = () => ask('SELECT id, "text" FROM pages ORDER BY id');
const rejection = async (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("it did not reject"),
    (error: { code: string; message: string; hint?: string }) => error,
  );

describe("what a table of others is left as", () => {
  it("is never touched by a setup that would create it, nor by a drop", async () => {
    await sql.query("CREATE TABLE pages (id text PRIMARY KEY, theirs int)");
    await sql.query("INSERT INTO pages VALUES ('mine', 1)");
    const flow = define(pages());
    const error = await rejection(flow.setup());
    expect(error).toMatchObject({ code: "setup-conflict" });
    expect(error.message).toContain('table "pages" is there already and was not made by Sluice');
    await flow.drop().catch(() => {});
    expect(await ask("SELECT * FROM pages")).toEqual([{ id: "mine", theirs: 1 }]);
  });

  it("can be adopted where it fits, and its other columns stay", async () => {
    await sql.query('CREATE TABLE pages (id text PRIMARY KEY, "text" text, theirs int DEFAULT 7)');
    await sql.query("INSERT INTO pages VALUES ('p0000', 'text 0')");
    world.write(2);
    const flow = define(pages());
    await flow.setup({ adopt: true });
    await flow.update();
    expect(await ask("SELECT * FROM pages ORDER BY id")).toEqual([
      { id: "p0000", text: "text 0", theirs: 7 },
      { id: "p0001", text: "text 1", theirs: 7 },
    ]);
  });

  it("is written to with setupByUser, once it has every column and a key", async () => {
    world.write(2);
    const flow = define(pages(), { setupByUser: true });
    await flow.setup();
    const failing = async (ddl: string) => {
      await sql.query(ddl);
      return (await flow.update()).failures[0]?.error.message;
    };
    expect(await failing("SELECT 1")).toContain('table "pages" is not there');
    expect(await failing("CREATE TABLE pages (id varchar(5))")).toContain("lacks the columns text");
    expect(await failing('ALTER TABLE pages ADD "text" varchar(6)')).toContain(
      "no primary key or unique index over id",
    );
    expect(await failing("ALTER TABLE pages ADD PRIMARY KEY (id), ADD must int NOT NULL")).toContain(
      "does not fill: must",
    );
    expect(await failing("ALTER TABLE pages ALTER must SET DEFAULT 1")).toBeUndefined();
    world.notebook.write("p0001", "too long");
    const { failures } = await flow.update();
    expect(failures.map(({ error }) => error.message)).toEqual([
      expect.stringContaining("value too long for type character varying(6)"),
    ]);
    await flow.drop();
    expect(await texts()).toEqual([
      { id: "p0000", text: "text 0" },
      { id: "p0001", text: "text 1" },
    ]);
  });

  it("is told from ours, when one was put in the place of ours", async () => {
    const flow = define(pages());
    await build(flow);
    await sql.query("DROP TABLE pages");
    await sql.query("CREATE TABLE pages (id text)");
    expect(await rejection(flow.drop())).toMatchObject({ code: "setup-conflict" });
    expect(await ask("SELECT * FROM pages")).toEqual([]);
  });

  it("is not dropped when it is reached another way than the one that it was made through", async () => {
    world.write(1);
    await build(define(pages()));
    world.closeFlows();
    configure({ store: openMemoryStore() });
    const again = define(pages({ connection: defineConnection("another-way", server.url(database)) }));
    expect(await rejection(again.setup())).toMatchObject({ code: "setup-conflict" });
    expect(await rejection(again.drop())).toMatchObject({ code: "setup-conflict" });
    await again.drop({ forget: true });
    expect(await texts()).toHaveLength(1);
    await again.setup({ adopt: true });
    expect((await again.update()).targets.Pages).toMatchObject({ upserted: 0 });
    expect(await texts()).toEqual([{ id: "p0000", text: "text 0" }]);
    await again.drop();
    expect(await ask("SELECT to_regclass('pages')::text AS name")).toEqual([{ name: null }]);
  });

  it("of a name too long for Postgres is refused when the flow is defined", () => {
    for (const options of [{ table: "t".repeat(64) }, { schema: "é".repeat(32) }])
      expect(() => define(pages(options))).toThrowError(expect.objectContaining({ code: "name-invalid" }));
  });

  it("of one name is refused to two exports", async () => {
    const error = await rejection((async () => define(pages(), {}, pages()).setup())());
    expect(error.code).toBe("setup-conflict");
  });
});

describe("what setup makes", () => {
  it("is a table named by flow and export, in a schema that is made too, whatever letters the names have", async () => {
    world.write(1);
    await build(define(postgres({ connection: server.url(database), schema: 'Sche"ma' })));
    expect(await ask('SELECT id FROM "Sche""ma"."Docs__Pages"')).toEqual([{ id: "p0000" }]);
  });

  it("changes in place: columns and indexes come and go, and no row is written again for an index", async () => {
    world.write(3);
    await build(define(pages()));
    const before = await ask("SELECT id, xmin::text FROM pages ORDER BY id");
    const indexed: Options = { ftsIndexes: [{ field: "text", parameters: { config: "simple" } }] };
    await build(define(pages(), indexed));
    expect(await ask("SELECT id, xmin::text FROM pages ORDER BY id")).toEqual(before);
    const indexes = () =>
      ask("SELECT indexdef FROM pg_indexes WHERE tablename = 'pages' AND indexname <> 'pages_pkey'");
    expect(await indexes()).toEqual([
      { indexdef: expect.stringContaining("USING gin (to_tsvector('simple'") },
    ]);
    await build(define(pages()));
    expect(await indexes()).toEqual([]);
    expect(await ask("SELECT id, xmin::text FROM pages ORDER BY id")).toEqual(before);
  });

  it("has an index for every metric and method, also for more dimensions than vector indexes take", async () => {
    const wide = defineFunction({
      name: "wide",
      version: 1,
      input: { text: z.string() },
      output: vector(2_500),
      run: () => new Array<number>(2_500).fill(0.5),
    });
    world.write(2);
    const metrics = ["cosine", "l2", "innerProduct"] as const;
    const methods = [
      { kind: "hnsw", m: 8, efConstruction: 32 },
      { kind: "ivfflat", lists: 1 },
    ];
    const flow = world.keep(
      defineFlow("Wide", (builder) => {
        const out = builder.addCollector<{ id: string; narrow: Float32Array; wide: Float32Array }>();
        builder.addSource("pages", world.notebook.source()({})).forEachRow((page) => {
          out.collect({ id: page.id, narrow: page.text.transform(embed), wide: page.text.transform(wide) });
        });
        out.export("Pages", pages(), {
          primaryKeyFields: ["id"],
          vectorIndexes: (["narrow", "wide"] as const).flatMap((field) =>
            metrics.flatMap((metric) => methods.map((method) => ({ field, metric, method }))),
          ),
        });
      }),
    );
    await build(flow);
    const rows = await ask("SELECT indexdef FROM pg_indexes WHERE tablename = 'pages'");
    const definitions = rows.map(({ indexdef }) => String(indexdef)).join("\n");
    for (const operators of ["cosine_ops", "l2_ops", "ip_ops"]) {
      expect(definitions).toContain(`hnsw (narrow vector_${operators}) WITH (m='8', ef_construction='32')`);
      expect(definitions).toMatch(
        new RegExp(`ivfflat \\(\\(+wide\\)::halfvec\\(2500\\)\\) halfvec_${operators}\\)`),
      );
    }
    const nearest = `SELECT id, 1 - (narrow <=> '[6,1,0]') AS score FROM pages ORDER BY narrow <=> '[6,1,0]' LIMIT 1`;
    expect(await ask(nearest)).toEqual([{ id: expect.any(String), score: 1 }]);
  });

  it("refuses an index that cannot be, when the flow is defined", () => {
    const invalid = expect.objectContaining({ code: "export-invalid" });
    const vectorIndex = (method: { kind: string }) => ({
      vectorIndexes: [{ field: "embedding" as const, metric: "l2" as const, method }],
    });
    expect(() => defineVectors(pages(), vectorIndex({ kind: "btree" }))).toThrowError(invalid);
    expect(() =>
      defineVectors(pages({ columnTypes: { embedding: "jsonb" } }), vectorIndex({ kind: "hnsw" })),
    ).toThrowError(invalid);
    expect(() => defineVectors(pages({ columnTypes: { nothing: "text" } }))).toThrowError(invalid);
    expect(() => define(pages(), { attachments: [{ sql: "SELECT 1" }] })).toThrowError(invalid);
    expect(() =>
      define(pages(), { ftsIndexes: [{ field: "text", parameters: { language: "x" } }] }),
    ).toThrowError(invalid);
  });

  it("has attachments, which are torn down before they change and before the table goes", async () => {
    world.write(1);
    const view = (text: string) => ({
      attachments: [
        sqlAttachment({ name: "view", setup: `CREATE VIEW shown AS ${text}`, teardown: "DROP VIEW shown" }),
      ],
    });
    await build(define(pages(), view("SELECT id FROM pages")));
    await build(define(pages(), view('SELECT "text" FROM pages')));
    expect(await ask("SELECT * FROM shown")).toEqual([{ text: "text 0" }]);
    const flow = define(pages());
    await build(flow);
    expect(await ask("SELECT to_regclass('shown')::text AS name")).toEqual([{ name: null }]);
    const failing = define(pages(), view("nonsense"));
    expect(await rejection(failing.setup())).toMatchObject({ code: "setup-failed" });
    await build(define(pages(), view("SELECT id FROM pages")));
    await define(pages(), view("SELECT id FROM pages")).drop();
    expect(await ask("SELECT to_regclass('pages')::text AS name")).toEqual([{ name: null }]);
  });

  it("keeps vectors as halfvec and other columns as chosen, and reads them back", async () => {
    world.write(2);
    const columnTypes = { text: "varchar( 20 )" };
    const flow = defineVectors(pages({ vectorType: "halfvec", columnTypes }), {
      vectorIndexes: [{ field: "embedding", metric: "cosine" }],
    });
    await build(flow);
    const types =
      "SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = 'pages'::regclass AND attnum > 0 ORDER BY attname";
    expect((await ask(types)).map(({ type }) => type)).toEqual([
      "halfvec(3)",
      "text",
      "character varying(20)",
    ]);
    expect(await flow.verify()).toMatchObject({ ok: true });
    expect((await flow.planSetup()).actions).toEqual([]);
    configure({ store: openMemoryStore() });
    const adopted = defineVectors(pages({ vectorType: "halfvec", columnTypes }), {
      vectorIndexes: [{ field: "embedding", metric: "cosine" }],
    });
    await adopted.setup({ adopt: true });
    expect((await adopted.update()).targets.Pages).toMatchObject({ upserted: 0, deleted: 0 });
  });

  it("needs the extension vector, and says how it comes to be there", async () => {
    const { password, port } = server;
    await sql.query("DROP ROLE IF EXISTS plain");
    await sql.query(`CREATE ROLE plain LOGIN PASSWORD '${password}'`);
    await sql.query("GRANT CREATE ON SCHEMA public TO plain");
    const connection = `postgres://plain:${password}@127.0.0.1:${port}/${database}`;
    const error = await rejection(defineVectors(pages({ connection })).setup());
    expect(error).toMatchObject({
      code: "setup-failed",
      hint: expect.stringContaining("CREATE EXTENSION vector"),
    });
    await sql.query("CREATE EXTENSION vector");
    world.write(1);
    await build(defineVectors(pages({ connection })));
    await sql.query("DROP OWNED BY plain; DROP ROLE plain");
  });
});

describe("rows that cannot be written", () => {
  it("fail alone, with what the table says, and land when it can take them", async () => {
    world.write(8);
    const flow = define(pages());
    await build(flow);
    await sql.query(`ALTER TABLE pages ADD CONSTRAINT short CHECK (length("text") < 10)`);
    world.notebook.write("p0003", "a text too long");
    world.notebook.write("p0004", "a\0b");
    world.notebook.remove("p0005");
    const { failures } = await flow.update();
    expect(failures.map(({ row, error }) => [row, error.message])).toEqual([
      [expect.stringContaining("p0003"), expect.stringContaining('violates check constraint "short"')],
    ]);
    const rows = await texts();
    expect(rows).toHaveLength(7);
    expect(rows).toContainEqual({ id: "p0004", text: "ab" });
    await sql.query("ALTER TABLE pages DROP CONSTRAINT short");
    expect((await flow.update()).failures).toEqual([]);
    expect(await texts()).toContainEqual({ id: "p0003", text: "a text too long" });
  });

  it("of a key with U+0000 fail: without it, it could be another row's", async () => {
    world.write(2);
    world.notebook.write("p00\x0000", "not p0000");
    const flow = define(pages());
    await flow.setup();
    const { failures } = await flow.update();
    expect(failures.map(({ error }) => error.message)).toEqual([
      "key field id has U+0000, which Postgres cannot hold",
    ]);
    expect(await texts()).toHaveLength(2);
  });

  it("wait where a column was renamed, and land when it is back", async () => {
    world.write(3);
    const flow = define(pages());
    await build(flow);
    await sql.query('ALTER TABLE pages RENAME "text" TO body');
    world.notebook.write("p0001", "new");
    const { failures } = await flow.update();
    expect(failures.map(({ error }) => error.message)).toEqual([
      expect.stringContaining('table "pages" lacks the columns text'),
    ]);
    await sql.query('ALTER TABLE pages RENAME body TO "text"');
    expect((await flow.update()).failures).toEqual([]);
    expect(await texts()).toContainEqual({ id: "p0001", text: "new" });
  });

  it("wait where a permission was revoked, and other tables get theirs", async () => {
    const { password, port } = server;
    await sql.query("DROP ROLE IF EXISTS writer");
    await sql.query(`CREATE ROLE writer LOGIN PASSWORD '${password}'`);
    await sql.query("GRANT CREATE ON SCHEMA public TO writer");
    const connection = `postgres://writer:${password}@127.0.0.1:${port}/${database}`;
    const flow = define(pages({ connection }), {}, pages({ connection, table: "others" }));
    world.write(3);
    await build(flow);
    await sql.query("ALTER TABLE pages OWNER TO postgres");
    world.notebook.write("p0001", "new");
    const { failedKeys, failures } = await flow.update();
    expect([...failedKeys, ...failures].map(({ error }) => error.message)).toContainEqual(
      expect.stringContaining("permission denied for table pages"),
    );
    await sql.query("GRANT ALL ON pages TO writer");
    expect((await flow.update()).failures).toEqual([]);
    expect(await texts()).toContainEqual({ id: "p0001", text: "new" });
    expect(await ask("SELECT id FROM others WHERE \"text\" = 'new'")).toHaveLength(1);
    await sql.query("DROP OWNED BY writer; DROP ROLE writer");
  });

  it("of a vector whose dimension the table of others has not fail before anything is written", async () => {
    await sql.query("CREATE EXTENSION vector");
    await sql.query('CREATE TABLE pages (id text PRIMARY KEY, "text" text, embedding vector(4))');
    world.write(1);
    const flow = defineVectors(pages(), { setupByUser: true });
    await flow.setup();
    expect((await flow.update()).failures.map(({ error }) => error.message)).toEqual([
      expect.stringContaining("for vectors of 4 dimensions, and the export's have 3"),
    ]);
  });
});

describe("a server that goes away", () => {
  it("in the middle of a group leaves nothing of it, and the next update repairs", async () => {
    world.write(4);
    const flow = define(pages());
    await build(flow);
    await sql.query("CREATE TABLE bomb (armed boolean)");
    await sql.query(`CREATE FUNCTION explode() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF EXISTS (SELECT FROM bomb) AND NEW.id = 'p0003' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
      RETURN NEW; END $$`);
    await sql.query(
      "CREATE TRIGGER explode BEFORE INSERT OR UPDATE ON pages FOR EACH ROW EXECUTE FUNCTION explode()",
    );
    await sql.query("INSERT INTO bomb VALUES (true)");
    for (const id of ["p0001", "p0002", "p0003"]) world.notebook.write(id, "new");
    const { failures } = await flow.update();
    // The first row may have gone ahead in a group of its own.
    expect(new Set(failures.map(({ error }) => error.code))).toEqual(new Set(["target-unavailable"]));
    const landed = await ask("SELECT id FROM pages WHERE \"text\" = 'new'");
    expect(landed).not.toContainEqual({ id: "p0003" });
    expect(landed).toHaveLength(3 - failures.length);
    await sql.query("DELETE FROM bomb");
    expect((await flow.update()).failures).toEqual([]);
    expect(await ask("SELECT id FROM pages WHERE \"text\" = 'new'")).toHaveLength(3);
  });

  it("between two updates fails the rows, and gets them when it is back", async () => {
    world.write(3);
    const flow = define(pages());
    await build(flow);
    world.notebook.write("p0001", "new");
    server.stop();
    try {
      const { failures } = await flow.update();
      expect(failures.map(({ error }) => error.code)).toEqual(["target-unavailable"]);
      expect(await rejection(flow.drop())).toMatchObject({ code: "target-unavailable" });
    } finally {
      server.start();
    }
    await build(flow);
    expect(await texts()).toContainEqual({ id: "p0001", text: "new" });
  });
});

describe("a password", () => {
  it("is nowhere in the store, plans, events, failures and the table's comment", async () => {
    const directory = mkdtempSync(join(tmpdir(), "sluice-secret-"));
    const seen: unknown[] = [];
    const report = (event: unknown) => void seen.push(event);
    try {
      const store = await openLmdbStore({ directory });
      configure({ store });
      world.write(3);
      const flow = define(pages());
      seen.push(await flow.planSetup());
      await flow.setup({ report });
      seen.push(await flow.update({ report }), await flow.verify());
      await sql.query("ALTER TABLE pages RENAME TO away");
      world.notebook.write("p0001", "new");
      seen.push(await flow.update({ report }), flow);
      await sql.query("ALTER TABLE away RENAME TO pages");
      seen.push(await ask("SELECT obj_description('pages'::regclass) AS comment"));
      await store.close();
      for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" }))
        expect(readFileSync(join(directory, name)).includes(server.password), name).toBe(false);
      const shown = inspect(seen, { depth: 20, maxArrayLength: null, maxStringLength: null });
      expect(shown).toContain("postgres:***@");
      expect(shown).not.toContain(server.password);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

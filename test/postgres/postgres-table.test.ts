import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type PostgresTableOptions, postgresTable } from "../../src/connectors/postgres/index.ts";
import { registeredSourceSetup } from "../../src/contracts/connector-registry.ts";
import {
  bytes,
  configure,
  date,
  defineConnection,
  defineFlow,
  defineTarget,
  duration,
  type EngineEvent,
  type Flow,
  float32,
  int64,
  json,
  type LiveUpdater,
  localDateTime,
  offsetDateTime,
  range,
  time,
  uuid,
  vector,
} from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { canStartPostgres, type PostgresServer, startPostgres } from "../servers/postgres-server.ts";
import { openSource } from "../support/open-source.ts";
import { until } from "../worlds/until.ts";

const hasPostgres = canStartPostgres();
let server: PostgresServer;
let outside: pg.Pool;
const flows: Flow[] = [];
const live: LiveUpdater[] = [];
let tables = 0;
let table = "";

beforeAll(async () => {
  if (!hasPostgres) return;
  server = await startPostgres();
  outside = new pg.Pool({ connectionString: server.url(), max: 2 });
  outside.on("error", () => {});
}, 60_000);

afterAll(async () => {
  await outside?.end();
  server?.remove();
});

beforeEach((context) => {
  context.skip(!hasPostgres, "needs Postgres with pgvector: tools/test-servers/install-postgres installs it");
  table = `products_${++tables}`;
  configure({ store: openMemoryStore() });
});

afterEach(async () => {
  for (const updater of live.splice(0)) await updater.abort().catch(() => {});
  for (const flow of flows.splice(0)) {
    await flow.drop().catch(() => {});
    flow.close();
  }
  configure({ store: undefined });
});

const run = async (statement: string, values?: unknown[]) => (await outside.query(statement, values)).rows;

const key = z.object({ id: int64() });
const value = z.object({ title: z.string() });
type Options = Partial<PostgresTableOptions<typeof key, typeof value>>;

const products = (options: Options = {}) =>
  postgresTable({ connection: server.url(), table, key, value, ...options });

async function createProducts(rows = 3): Promise<void> {
  await run(
    `CREATE TABLE ${table} (id bigint PRIMARY KEY, title text NOT NULL, lang text NOT NULL DEFAULT 'en', updated_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  );
  await run(`INSERT INTO ${table} SELECT n, 'title ' || n FROM generate_series(1, $1) AS n`, [rows]);
}

/** What a flow has written, by id. */
class Titles {
  readonly rows = new Map<bigint, string>();
  /** Called before each write. */
  before: () => void | Promise<void> = () => {};

  target() {
    return defineTarget({
      kind: "titles",
      spec: z.object({}),
      key: z.object({ id: int64() }),
      value: z.object({ title: z.string() }),
      getPersistentKey: (_spec, _name, { flow }) => flow,
      applySetupChange() {},
      mutate: async (batches) => {
        await this.before();
        for (const { mutations } of batches)
          for (const { key, value } of mutations)
            value === null ? this.rows.delete(key.id) : this.rows.set(key.id, value.title);
      },
    })({});
  }
}

function define(titles: Titles, options: Options = {}, name = "Catalog"): Flow {
  const former = flows.findIndex((flow) => flow.name === name);
  if (former >= 0) flows.splice(former, 1)[0]!.close();
  const flow = defineFlow(name, (builder) => {
    const out = builder.addCollector<{ id: bigint; title: string }>();
    builder
      .addSource("products", products(options), { maxInflightRows: 64 })
      .forEachRow((row) => out.collect({ id: row.id, title: row.title }));
    out.export("Titles", titles.target(), { primaryKeyFields: ["id"] });
  });
  flows.push(flow);
  return flow;
}

/** A flow that uses no field of its rows. */
function defineUnread(options: Options): Flow {
  const flow = defineFlow("Catalog", (builder) => {
    const out = builder.addCollector<{ id: bigint; title: string }>();
    builder.addSource("products", products(options)).forEachRow(() => out.collect({ id: 1n, title: "x" }));
    out.export("Titles", new Titles().target(), { primaryKeyFields: ["id"] });
  });
  flows.push(flow);
  return flow;
}

async function follow(flow: Flow): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  await flow.setup();
  const updater = flow.liveUpdate({ report: (event) => events.push(event) });
  live.push(updater);
  await updater.start();
  await until(() => events.some(({ kind }) => kind === "caught-up"), "a live update that has caught up");
  return events;
}

const captures = () =>
  run(
    `SELECT tgname::text AS name FROM pg_trigger WHERE tgrelid = to_regclass($1) AND NOT tgisinternal ORDER BY 1`,
    [table],
  ).then((rows) => rows.map(({ name }) => String(name)));

const functions = () =>
  run(`SELECT proname::text AS name FROM pg_proc WHERE proname LIKE 'sluice\\_%'`).then((rows) =>
    rows.map(({ name }) => String(name)),
  );

test("each type of Postgres is read as the schema says, whatever the session's settings", async () => {
  await run(`CREATE EXTENSION IF NOT EXISTS vector`);
  await run(`CREATE DOMAIN code_${table} AS varchar(9)`);
  await run(`CREATE TABLE ${table} (
    id uuid, at timestamptz, flag boolean, code code_${table}, big bigint, exact numeric(30,10), rough numeric, real4 real,
    raw bytea, day date, clock time, local timestamp, span interval, shape jsonb, anything json, slots int8range,
    embedding vector(3), floats real[], names text[], moments timestamptz[], prices numeric[], nothing text,
    PRIMARY KEY (at, id))`);
  await run(
    `INSERT INTO ${table} VALUES ('AAAAAAAA-0000-4000-8000-000000000001', '2024-05-06 07:08:09.123456+02', true, 'x''y',
     9223372036854775807, 12345678901234567890.0123456789, 1.5, 0.25, '\\xdeadbeef', '2024-02-29', '23:59:59.5',
     '2024-02-29 01:02:03', '26 hours 3 minutes 4.5 seconds', '{"a": [1, null]}', '[1, {"b": "ü"}]', '[3,7)',
     '[1,2.5,-3]', '{1,NULL,Infinity}', '{"a,b",NULL,"\\""}', '{2024-01-01 00:00:00+00}', '{0.10,12345678901234567890}', NULL)`,
  );
  const use = postgresTable({
    connection: defineConnection("odd-settings", {
      connectionString: server.url(),
      options:
        "-c TimeZone=Asia/Kolkata -c DateStyle=German -c IntervalStyle=sql_standard -c bytea_output=escape -c extra_float_digits=-3",
    }),
    table,
    key: z.object({ id: uuid(), at: offsetDateTime() }),
    value: z.object({
      ...{ flag: z.boolean(), code: z.string(), big: int64(), exact: z.string(), rough: z.number() },
      ...{
        real4: float32(),
        raw: bytes(),
        day: date(),
        clock: time(),
        local: localDateTime(),
        span: duration(),
      },
      ...{ shape: z.object({ a: z.array(z.int().nullable()) }), anything: json(), slots: range() },
      ...{
        embedding: vector(3),
        floats: z.array(z.number().nullable()),
        names: z.array(z.string().nullable()),
      },
      ...{ moments: z.array(offsetDateTime()), prices: z.array(z.string()), nothing: z.string().nullable() },
    }),
  });
  const source = await openSource<Record<string, unknown>, Record<string, unknown>>(use, "/");
  const [entry] = await source.list();
  expect(entry!.key).toEqual({
    id: "aaaaaaaa-0000-4000-8000-000000000001",
    at: "2024-05-06T05:08:09.123456Z",
  });
  const expected = {
    ...{
      flag: true,
      code: "x'y",
      big: 9223372036854775807n,
      exact: "12345678901234567890.0123456789",
      rough: 1.5,
    },
    ...{ real4: 0.25, raw: Uint8Array.of(0xde, 0xad, 0xbe, 0xef), day: "2024-02-29", clock: "23:59:59.5" },
    ...{
      local: "2024-02-29T01:02:03",
      span: "PT93784.500000S",
      shape: { a: [1, null] },
      anything: [1, { b: "ü" }],
    },
    ...{ slots: [3, 7], embedding: [1, 2.5, -3], floats: [1, null, Number.POSITIVE_INFINITY] },
    ...{
      names: ["a,b", null, '"'],
      moments: ["2024-01-01T00:00:00Z"],
      prices: ["0.10", "12345678901234567890"],
    },
    nothing: null,
  };
  expect(entry!.value).toEqual(expected);
  expect((await source.get(entry!.key))?.value).toEqual(expected);
});

test("what a type of JavaScript cannot hold is one bad row, and the rest lands", async () => {
  await run(`CREATE TABLE ${table} (id bigint PRIMARY KEY, title bigint, tags int[])`);
  await run(
    `INSERT INTO ${table} VALUES (1, 1, '{1}'), (2, 9007199254740993, '{1}'), (3, NULL, '{1}'), (4, 4, '{{1,2},{3,4}}')`,
  );
  const titles = new Titles();
  const flow = defineFlow("Catalog", (builder) => {
    const out = builder.addCollector<{ id: bigint; title: string }>();
    const use = postgresTable({
      connection: server.url(),
      table,
      key,
      value: z.object({ title: z.int(), tags: z.array(z.int()) }),
    });
    builder.addSource("products", use).forEachRow((row) => out.collect({ id: row.id, title: "landed" }));
    out.export("Titles", titles.target(), { primaryKeyFields: ["id"] });
  });
  flows.push(flow);
  await flow.setup();
  const info = await flow.update();
  expect([...titles.rows.keys()]).toEqual([1n]);
  const failed = info.failures.map(({ row, error }) => `${row} ${error.code} ${error.message}`);
  expect(failed.sort()).toEqual([
    expect.stringMatching(/^2 .*title.*2\^53.*9007199254740993/),
    expect.stringMatching(/^3 .*title/),
    expect.stringMatching(/^4 .*tags: expected an array/),
  ]);
});

describe("a table that does not fit is refused by setup, and by an update", () => {
  test.each<[what: string, options: () => Options | object, message: RegExp, hint: RegExp]>([
    ["no such table", () => ({ table: "nowhere" }), /table public\.nowhere does not exist/, /upper case/],
    [
      "no such column",
      () => ({ value: z.object({ titel: z.string() }) }),
      /has no column titel$/,
      /It has id, title, lang, updated_at/,
    ],
    [
      "another type",
      () => ({ value: z.object({ title: z.string(), updated_at: z.string() }) }),
      /has column updated_at of type timestamp with time zone, which is not read as string/,
      /offsetDateTime\(\)/,
    ],
    ["no key", () => ({ key: z.object({ lang: z.string() }) }), /one row for each lang$/, /Name its key: id/],
    [
      "an ordinal that does not grow",
      () => ({ ordinalColumn: "lang" }),
      /a column of type text lang, and ordinalColumn names it/,
      /timestamp/,
    ],
    [
      "a filter that is no SQL",
      () => ({ filter: { sql: "lang ==" } }),
      /^the filter of table .*: syntax error/,
      /after WHERE/,
    ],
    [
      "a pool that is too small",
      () => ({ connection: defineConnection("small", { connectionString: server.url(), max: 1 }) }),
      /the pool has 1 clients at the most, and the source needs 2/,
      /greater max/,
    ],
  ])("%s", async (_, options, message, hint) => {
    await createProducts();
    const flow = defineUnread(options() as Options);
    await expect(flow.setup()).rejects.toMatchObject({
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
      where: { flow: "Catalog", source: "products" },
    });
    expect(await flow.setupStatus()).toBe("not set up");
  });

  test("a vector of another dimension", async () => {
    await run(`CREATE EXTENSION IF NOT EXISTS vector`);
    await run(`CREATE TABLE ${table} (id bigint PRIMARY KEY, title vector(3))`);
    const flow = defineUnread({ value: z.object({ title: vector(4) }) as never });
    await expect(flow.setup()).rejects.toMatchObject({
      code: "source-misfit",
      message: `table public.${table} has column title of type vector(3), and the schema says 4 elements`,
    });
  });

  test("a view, which nothing vouches for", async () => {
    await createProducts();
    await run(`CREATE VIEW view_${table} AS SELECT * FROM ${table}`);
    await expect(define(new Titles(), { table: `view_${table}` }).setup()).rejects.toMatchObject({
      code: "source-misfit",
      message: expect.stringContaining("is a view"),
    });
  });

  test("a missing permission is said, without the password", async () => {
    await createProducts();
    await run(`CREATE ROLE reader_${table} LOGIN PASSWORD '${server.password}'`);
    const connection = server.url("postgres", `reader_${table}`);
    const error = await define(new Titles(), { connection })
      .setup()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "setup-failed",
      hint: "Grant the user of the connection what it lacks.",
    });
    expect(String(error)).toContain(`permission denied for table ${table}`);
    await run(`GRANT SELECT ON ${table} TO reader_${table}`);
    const titles = new Titles();
    const flow = define(titles, { connection });
    await flow.setup();
    await flow.update();
    expect(titles.rows.size).toBe(3);
    // A trigger is more than may be done by who may only read.
    await expect(define(titles, { connection, notify: true }).setup()).rejects.toMatchObject({
      code: "setup-failed",
      message: expect.stringContaining("permission denied"),
    });
  });

  test("mistakes in the definition are errors of the definition", () => {
    expect(() => products({ columns: { name: "title" } })).toThrow(/columns names a field name/);
    const floatKey = z.object({ id: z.number() }) as never;
    expect(() => products({ key: floatKey })).toThrow(/key field id of a Postgres table is of kind float64/);
    expect(() => products({ table: "é".repeat(40) })).toThrow(/63/);
  });
});

describe("listings", () => {
  test("10,000 rows come in pages, and unchanged ones are not computed again", async () => {
    await createProducts(10_000);
    const titles = new Titles();
    const flow = define(titles);
    await flow.setup();
    await flow.update();
    expect(titles.rows.size).toBe(10_000);
    expect(titles.rows.get(9_999n)).toBe("title 9999");
    await run(`UPDATE ${table} SET title = 'edited' WHERE id = 5000`);
    await run(`DELETE FROM ${table} WHERE id = 7000`);
    const { sources, targets } = await flow.update();
    expect(sources.products).toMatchObject({ inserted: 0, updated: 1, deleted: 1 });
    expect(targets.Titles).toMatchObject({ upserted: 1, deleted: 1 });
  });

  test("a listing is of one moment, though rows change while it goes on", async () => {
    await createProducts(3_000);
    const titles = new Titles();
    const flow = define(titles);
    await flow.setup();
    let moves = 0;
    titles.before = async () => {
      // A row that is still to come goes where the listing has been, with which it would not be seen.
      if (moves++ === 0) await run(`UPDATE ${table} SET id = 0 WHERE id = 2999`);
    };
    const info = await flow.update();
    expect(moves).toBeGreaterThan(1);
    expect(info.sources.products).toMatchObject({ inserted: 3_000, deleted: 0 });
    expect(titles.rows.get(2_999n)).toBe("title 2999");
    await flow.update();
    expect([titles.rows.size, titles.rows.get(0n), titles.rows.has(2_999n)]).toEqual([
      3_000,
      "title 2999",
      false,
    ]);
  });

  test("with an ordinal, only rows that have another one are read", async () => {
    await createProducts(500);
    const titles = new Titles();
    const flow = define(titles, { ordinalColumn: "updated_at" });
    await flow.setup();
    expect((await flow.update()).sources.products).toMatchObject({ read: 500 });
    expect((await flow.update()).sources.products).toMatchObject({ read: 0 });
    await run(`UPDATE ${table} SET title = 'edited', updated_at = clock_timestamp() WHERE id IN (3, 4)`);
    expect((await flow.update()).sources.products).toMatchObject({ read: 2, updated: 2 });
    // Put back from a backup: an older ordinal is another one.
    await run(`UPDATE ${table} SET title = 'restored', updated_at = '2001-01-01' WHERE id = 3`);
    expect((await flow.update()).sources.products).toMatchObject({ read: 1, updated: 1 });
    expect(titles.rows.get(3n)).toBe("restored");
  });

  test("another filter is another source: its rows come, and those that go are held", async () => {
    await createProducts(40);
    await run(`UPDATE ${table} SET lang = 'de' WHERE id > 30`);
    const titles = new Titles();
    const inLanguage = (lang: string) => ({ filter: { sql: "lang = $1 -- a comment", values: [lang] } });
    await define(titles, inLanguage("en")).setup();
    await flows.at(-1)!.update();
    expect(titles.rows.size).toBe(30);
    const flow = define(titles, inLanguage("de"));
    const held = await flow.update();
    expect(held.held).toHaveLength(1);
    expect(titles.rows.size).toBe(40);
    await flow.update({ allowDeletions: true });
    expect([...titles.rows.keys()].sort()).toEqual([31n, 32n, 33n, 34n, 35n, 36n, 37n, 38n, 39n, 40n]);
  });

  test("a connection that is lost on the way makes the listing incomplete: nothing is deleted", async () => {
    await createProducts(3_000);
    const titles = new Titles();
    const flow = define(titles);
    await flow.setup();
    await flow.update();
    await run(`DELETE FROM ${table} WHERE id > 2990`);
    await run(`UPDATE ${table} SET title = 'edited'`);
    let isCut = false;
    titles.before = async () => {
      if (isCut) return;
      isCut = true;
      await run(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND application_name = 'sluice'`,
      );
    };
    const info = await flow.update();
    expect(info.ok).toBe(false);
    expect(info.incomplete).toMatchObject([{ error: { code: "listing-failed" } }]);
    expect(titles.rows.size).toBe(3_000);
    titles.before = () => {};
    await flow.update();
    expect(titles.rows.size).toBe(2_990);
  });

  test("a column that was renamed under our feet is named, and nothing is deleted", async () => {
    await createProducts();
    const titles = new Titles();
    const flow = define(titles);
    await flow.setup();
    await flow.update();
    await run(`ALTER TABLE ${table} RENAME COLUMN title TO name`);
    const info = await flow.update();
    expect(info.incomplete).toMatchObject([
      { error: { code: "source-misfit", message: `table public.${table} has no column title` } },
    ]);
    expect(titles.rows.size).toBe(3);
    const mended = define(titles, { columns: { title: "name" } });
    expect((await mended.update()).ok).toBe(true);
  });
});

describe("changes", () => {
  test("are told as they happen: rows, keys, and a table that is emptied", async () => {
    await createProducts();
    const titles = new Titles();
    const flow = define(titles, { notify: true });
    const events = await follow(flow);
    const comesTo = (...rows: readonly [bigint, string][]) =>
      until(
        () =>
          JSON.stringify(shown(titles)) === JSON.stringify(rows.map(([id, title]) => [String(id), title])),
      );
    await run(`INSERT INTO ${table} VALUES (4, 'four')`);
    await comesTo([1n, "title 1"], [2n, "title 2"], [3n, "title 3"], [4n, "four"]);
    await run(`UPDATE ${table} SET title = 'one' WHERE id = 1`);
    await run(`DELETE FROM ${table} WHERE id = 2`);
    await comesTo([1n, "one"], [3n, "title 3"], [4n, "four"]);
    await run(`UPDATE ${table} SET id = 9 WHERE id = 3`);
    await comesTo([1n, "one"], [4n, "four"], [9n, "title 3"]);
    await run(`TRUNCATE ${table}`);
    await run(`INSERT INTO ${table} VALUES (1, 'one'), (4, 'four'), (9, 'nine')`);
    await comesTo([1n, "one"], [4n, "four"], [9n, "nine"]);
    expect(events).toContainEqual(
      expect.objectContaining({ kind: "changes-missed", reason: "the table was truncated" }),
    );
  });

  test("of keys too long to be notified are listed", async () => {
    await run(`CREATE TABLE ${table} (id text PRIMARY KEY, title text)`);
    // Not compressible, which an index would need it to be, but longer than a notification in UTF-8.
    const long = "ü".repeat(4_000);
    const use = products({ key: z.object({ id: z.string() }) as never, notify: true });
    const missed: (string | null)[] = [];
    const { definition, spec } = use;
    const names = { flow: "Long", sourceName: "rows", defaultName: "Long__rows" };
    const context = { appDirectory: "/", signal: new AbortController().signal };
    const change = { key: definition.setup!.getPersistentKey({ ...names, spec }), previous: null };
    const state = definition.setup!.setupState({ ...names, spec });
    await definition.setup!.applySetupChange({ ...change, current: state }, context);
    const { systemClock } = await import("../../src/kernel/clock.ts");
    const connection = await definition.create(spec, { appDirectory: "/", clock: systemClock, ...names });
    const stop = new AbortController();
    const armed: boolean[] = [];
    const watching = (async () => {
      const options = { signal: stop.signal, armed: () => armed.push(true), alive() {}, degraded() {} };
      for await (const _ of definition.watch!(connection, {
        ...options,
        missed: (reason) => void missed.push(reason),
      }));
    })();
    await until(() => armed.length > 0);
    await run(`INSERT INTO ${table} VALUES ($1, 'x')`, [long]);
    await until(() => missed.length > 0);
    expect(missed).toEqual(["a row changed whose key is too long for a notification"]);
    stop.abort();
    await watching;
    await definition.close(connection);
    await definition.setup!.applySetupChange({ ...change, previous: state, current: null }, context);
    expect(await functions()).toEqual([]);
  });

  test("after the server was away for a while are made up for", async () => {
    await createProducts();
    const titles = new Titles();
    const events = await follow(define(titles, { notify: true }));
    server.stop();
    await until(() => events.some(({ kind }) => kind === "watch-ended"), "a watcher that has ended");
    server.start();
    await run(`INSERT INTO ${table} VALUES (4, 'meanwhile')`);
    await until(() => titles.rows.get(4n) === "meanwhile", "a row that came meanwhile");
    await until(() => events.filter(({ kind }) => kind === "watch-armed").length > 1);
    await run(`UPDATE ${table} SET title = 'heard' WHERE id = 4`);
    await until(() => titles.rows.get(4n) === "heard", "a change after the restart");
  }, 60_000);

  test("never fail the statement of whoever writes, whatever became of the table", async () => {
    await createProducts();
    const titles = new Titles();
    const events = await follow(define(titles, { notify: true }));
    await run(`ALTER TABLE ${table} RENAME COLUMN id TO nr`);
    await run(`INSERT INTO ${table} VALUES (5, 'five')`);
    expect(await run(`SELECT count(*)::int AS n FROM ${table}`)).toEqual([{ n: 4 }]);
    await until(() =>
      events.some(
        (event) => event.kind === "changes-missed" && /could not tell the key/.test(event.reason ?? ""),
      ),
    );
    await run(`ALTER TABLE ${table} RENAME COLUMN nr TO id`);
    await run(`UPDATE ${table} SET title = 'back' WHERE id = 5`);
    await until(() => titles.rows.get(5n) === "back");
  });
});

describe("the trigger", () => {
  test("is made by setup, shown before, and removed by drop, by another spec and with its source", async () => {
    await createProducts();
    const flow = define(new Titles(), { notify: true });
    const [action] = (await flow.planSetup()).sourceActions;
    expect(action!.description).toMatch(
      new RegExp(
        `^trigger sluice_catalog__products_[0-9a-f]{10} on public.${table} \\(postgres://postgres:\\*\\*\\*@`,
      ),
    );
    expect(JSON.stringify(action)).not.toContain(server.password);
    expect(await captures()).toEqual([]);
    await flow.setup();
    const [name] = await captures();
    expect(await captures()).toEqual([name, `${name}_t`]);
    expect(await functions()).toEqual([name]);
    await flow.drop();
    expect([await captures(), await functions()]).toEqual([[], []]);
    await flow.setup();
    await define(new Titles()).setup();
    expect([await captures(), await functions()]).toEqual([[], []]);
  });

  test("is removed from a table that was renamed, and there is no error where the table is gone", async () => {
    await createProducts();
    const flow = define(new Titles(), { notify: true });
    await flow.setup();
    await run(`ALTER TABLE ${table} RENAME TO moved_${table}`);
    await flow.drop();
    expect(await functions()).toEqual([]);
    await run(`ALTER TABLE moved_${table} RENAME TO ${table}`);
    await flow.setup();
    await run(`DROP TABLE ${table}`);
    await flow.drop();
    expect(await functions()).toEqual([]);
  });

  test("is each flow's own on one table", async () => {
    await createProducts();
    const [one, other] = [new Titles(), new Titles()];
    const first = define(one, { notify: true }, "One");
    await first.setup();
    const second = define(other, { notify: true }, "Other");
    await follow(second);
    expect(await captures()).toHaveLength(4);
    await first.drop();
    expect(await captures()).toHaveLength(2);
    await run(`UPDATE ${table} SET title = 'still heard' WHERE id = 2`);
    await until(() => other.rows.get(2n) === "still heard");
    await live.pop()!.abort();
    await second.drop();
    expect(await functions()).toEqual([]);
  });

  test("that others have removed is missed, and made anew by setup", async () => {
    await createProducts();
    const titles = new Titles();
    const flow = define(titles, { notify: true });
    await flow.setup();
    const [name] = await captures();
    await run(`DROP TRIGGER "${name}" ON ${table}`);
    const events = await follow(define(titles, { notify: true }));
    expect(events.some(({ kind }) => kind === "watch-degraded")).toBe(false);
    expect(await captures()).toHaveLength(2);
    await live.pop()!.abort();
    await run(`DROP TRIGGER "${name}" ON ${table}`);
    const told: EngineEvent[] = [];
    const updater = flows.at(-1)!.liveUpdate({ report: (event) => told.push(event) });
    live.push(updater);
    await updater.start();
    await until(() => told.some(({ kind }) => kind === "watch-degraded"));
    expect(told.find(({ kind }) => kind === "watch-degraded")).toMatchObject({
      error: {
        code: "watch-degraded",
        message: `trigger ${name} on table public.${table} is missing or switched off`,
      },
    });
  });

  test("can be removed by a process in which no flow reads a table", () => {
    expect(registeredSourceSetup("postgresTable")).not.toBeNull();
  });
});

function shown({ rows }: Titles): [string, string][] {
  return [...rows].map(([id, title]): [string, string] => [String(id), title]).sort();
}

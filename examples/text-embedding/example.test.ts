import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPglite } from "../../src/connectors/postgres/pglite.ts";
import type { UpdateInfo } from "../../src/index.ts";
import { canStartPostgres, startPostgres } from "../../test/servers/postgres-server.ts";
import { ExampleProject, letFilesAge } from "../../test/support/example-project.ts";
import { byCommandLine, byLibrary, type ExampleRunner } from "../../test/support/run-example.ts";
import { ModelServer } from "../../test/worlds/model-server.ts";

/** A section that fills most of a chunk, so that it becomes one. */
function section(title: string, sentence: string): string {
  return `## ${title}\n\n${`${sentence} `.repeat(Math.ceil(700 / sentence.length)).trimEnd()}\n\n`;
}

const boats = section("Boats", "A boat that leaks is pumped dry before breakfast.");
const ropes = section("Ropes", "Ropes are coiled clockwise and hung to dry.");
const lamps = section("Lamps", "The keeper trims the lamps of the lighthouse at dusk.");
const bread = section("Bread", "Flour, water and salt rest overnight in a bowl.").trim();
const soup = section("Soup", "Onions are fried slowly until the soup smells sweet.").trim();

let project: ExampleProject;

beforeEach(() => {
  project = new ExampleProject("text-embedding");
  project.replace("flows.ts", 'path: "../../docs"', 'path: "docs"');
  project.write("docs/harbour.md", boats + ropes + lamps);
  project.write("docs/food/bread.md", bread);
  project.write("docs/food/soup.md", soup);
  project.write("docs/picture.txt", "no Markdown");
});

afterEach(() => project.dispose());

const noWork = { read: 0, split: 0, embedded: 0, remembered: 0, calls: 0, upserted: 0, deleted: 0 };
type Work = typeof noWork;

function workOf({ sources, functions, targets }: UpdateInfo): Work {
  const embed = functions.hashingEmbed ?? functions.embedText;
  return {
    read: sources.files?.read ?? 0,
    split: functions.splitRecursively?.computed ?? 0,
    embedded: embed?.computed ?? 0,
    remembered: embed?.memoHits ?? 0,
    calls: embed?.calls ?? 0,
    upserted: targets.Chunks?.upserted ?? 0,
    deleted: targets.Chunks?.deleted ?? 0,
  };
}

async function expectWork(runner: ExampleRunner, expected: Partial<Work>): Promise<void> {
  letFilesAge(project.directory);
  const info = await runner.update(project);
  expect([info.failures, info.incomplete, info.held, info.ok]).toEqual([[], [], [], true]);
  expect(workOf(info)).toEqual({ ...noWork, ...expected });
}

const everyRow = `SELECT filename, location::text, line::int, text, embedding::text
  FROM "TextEmbedding__Chunks" ORDER BY filename, line`;

async function rowsOf({ directory }: ExampleProject): Promise<readonly Record<string, unknown>[]> {
  await using database = await openPglite({ directory: "search.db", appDirectory: directory });
  return (await database.client.query(everyRow)).rows as Record<string, unknown>[];
}

/** A build from nothing holds the same rows; these are their places. */
async function expectSameAsRebuild(): Promise<string[]> {
  const rebuild = project.copyUnbuilt();
  try {
    await using _kept = await openPglite({ directory: "search.db", appDirectory: rebuild.directory });
    await byLibrary.update(rebuild);
    const rows = await rowsOf(project);
    expect(rows).toEqual(await rowsOf(rebuild));
    return rows.map(({ filename, line }) => `${filename}:${line}`);
  } finally {
    rebuild.dispose();
  }
}

async function ask(runner: ExampleRunner, handler: "semantic" | "words", query: string) {
  const results = await runner.query(project, { handler, text: query });
  return results.map(({ score, place, text }) => ({
    score: Number(score),
    place: String(place),
    text: String(text),
  }));
}

async function expectAnswers(runner: ExampleRunner): Promise<void> {
  const near = await ask(runner, "semantic", "keepers of lamps in a lighthouse");
  expect(near).toHaveLength(5);
  expect(near[0]).toMatchObject({ place: "harbour.md:9", text: lamps });
  expect(near[0]!.score).toBeGreaterThan(near[1]!.score + 0.1);
  expect(near.map(({ score }) => score)).toEqual(near.map(({ score }) => score).sort((a, b) => b - a));
  const [same] = await ask(runner, "semantic", soup);
  expect(same).toMatchObject({ place: "food/soup.md:1", score: expect.closeTo(1, 5) });

  const [ropesDry, ...others] = await ask(runner, "words", "how do ropes dry");
  expect([ropesDry?.place, others]).toEqual(["harbour.md:5", []]);
  expect(ropesDry!.score).toBeGreaterThan(0);
  expect(await ask(runner, "words", "submarine")).toEqual([]);
}

test("by the library, rows change, and answers with them", async () => {
  const runner = byLibrary;
  // Kept open, so that it need not start for each update.
  await using _kept = await openPglite({ directory: "search.db", appDirectory: project.directory });
  await expectWork(runner, { read: 3, split: 3, embedded: 5, calls: 5, upserted: 5 });
  await expectWork(runner, {});
  await expectAnswers(runner);

  project.touch("docs/harbour.md");
  await expectWork(runner, { read: 1 });

  const redLamps = lamps.replaceAll("dusk", "dawn");
  project.write("docs/harbour.md", boats + ropes + redLamps);
  await expectWork(runner, { read: 1, split: 1, embedded: 3, calls: 3, upserted: 1 });

  project.write("docs/harbour.md", boats + boats + ropes + redLamps); // what follows has moved
  await expectWork(runner, { read: 1, split: 1, embedded: 4, calls: 4, upserted: 3, deleted: 2 });
  expect(await expectSameAsRebuild()).toEqual([
    "food/bread.md:1",
    "food/soup.md:1",
    ...["harbour.md:1", "harbour.md:5", "harbour.md:9", "harbour.md:13"],
  ]);

  project.move("docs/food/bread.md", "docs/oven/bread.md");
  await expectWork(runner, { read: 1, split: 1, embedded: 1, calls: 1, upserted: 1, deleted: 1 });

  project.remove("docs/food");
  await expectWork(runner, { deleted: 1 });

  project.replace("flows.ts", "chunkSize: 1000", "chunkSize: 2000"); // two sections a chunk
  await expectWork(runner, { read: 2, split: 2, embedded: 3, calls: 3, upserted: 2, deleted: 4 });
  expect(await expectSameAsRebuild()).toEqual(["harbour.md:1", "harbour.md:9", "oven/bread.md:1"]);

  await runner.drop(project);
  await expect(rowsOf(project)).rejects.toThrow("does not exist");
  await expectWork(runner, { read: 2, split: 2, embedded: 3, calls: 3, upserted: 3 });
}, 120_000);

test("by the command line, rows change, and answers with them", async () => {
  await expectWork(byCommandLine, { read: 3, split: 3, embedded: 5, calls: 5, upserted: 5 });
  project.write("docs/harbour.md", ropes + lamps);
  await expectWork(byCommandLine, { read: 1, split: 1, embedded: 2, calls: 2, upserted: 2, deleted: 3 });
  expect(await ask(byCommandLine, "semantic", lamps)).toHaveLength(4);
  expect(await ask(byCommandLine, "words", "dry -pumped")).toMatchObject([{ place: "harbour.md:1" }]);
  await byCommandLine.drop(project);
  await expect(rowsOf(project)).rejects.toThrow("does not exist");
}, 120_000);

test("with the model of the comment, a text is embedded once, whatever becomes of its file", async () => {
  const server = await ModelServer.start();
  try {
    server.dimension = 768;
    project.replace("flows.ts", "import { hashingEmbed,", "import { embedText, openAiCompatible,");
    project.replace("flows.ts", "const embed = hashingEmbed({ dimension: 512 });", "");
    project.replace("flows.ts", "// const model", "const model");
    project.replace("flows.ts", "// const embed", "const embed");
    project.replace("flows.ts", "http://localhost:11434/v1", server.url);
    await expectWork(byCommandLine, { read: 3, split: 3, embedded: 5, calls: 1, upserted: 5 });
    expect(server.embeddings.map(({ model, input }) => [model, input.length])).toEqual([
      ["nomic-embed-text", 5],
    ]);

    project.move("docs/harbour.md", "docs/sea/harbour.md");
    await expectWork(byCommandLine, { read: 1, split: 1, remembered: 3, upserted: 3, deleted: 3 });

    project.write("docs/sea/harbour.md", lamps + boats + soup);
    await expectWork(byCommandLine, { read: 1, split: 1, remembered: 3, upserted: 3, deleted: 3 });
    expect(server.requests).toBe(1);

    const [best] = await ask(byCommandLine, "semantic", bread);
    expect(best).toMatchObject({ place: "food/bread.md:1", score: expect.closeTo(1, 5) });
    expect(server.requests).toBe(1); // what the store remembers is not asked for again
  } finally {
    await server.stop();
  }
}, 120_000);

test("against a server, by changing one line, the same rows stand there and answer the same", async (context) => {
  context.skip(
    !canStartPostgres(),
    "needs Postgres with pgvector: tools/test-servers/install-postgres installs it",
  );
  await byCommandLine.update(project);
  const embedded = await rowsOf(project);
  const server = await startPostgres();
  const database = new pg.Pool({ connectionString: server.url(), max: 1 });
  try {
    project.write(".env", `DATABASE_URL=${server.url()}\n`);
    project.replace("flows.ts", "import { onPglite }", "import { onPostgres }");
    project.replace("flows.ts", 'onPglite("search.db")', 'onPostgres("DATABASE_URL")');
    await expectWork(byCommandLine, { read: 3, split: 3, embedded: 5, calls: 5, upserted: 5 });
    expect((await database.query(everyRow)).rows).toEqual(embedded);
    await expectAnswers(byCommandLine);

    project.write("docs/harbour.md", boats + ropes);
    await expectWork(byCommandLine, { read: 1, split: 1, embedded: 2, calls: 2, deleted: 1 });
    await byCommandLine.drop(project);
    const { rows } = await database.query(`SELECT to_regclass('"TextEmbedding__Chunks"')::text AS found`);
    expect(rows).toEqual([{ found: null }]);
  } finally {
    await database.end();
    server.remove();
  }
}, 120_000);

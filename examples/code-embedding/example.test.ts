import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { UpdateInfo } from "../../src/index.ts";
import { ExampleProject, letFilesAge } from "../../test/support/example-project.ts";
import { byCommandLine, byLibrary, type ExampleRunner } from "../../test/support/run-example.ts";
import { ModelServer } from "../../test/worlds/model-server.ts";

let project: ExampleProject;

beforeEach(() => {
  project = new ExampleProject("code-embedding");
  vi.stubEnv("CODE_PATH", "code");
  project.write("code/orders.ts", ["price", "ship", "refund"].map(typeScriptFunction).join("\n"));
  project.write("code/lib/weather.py", ["forecast", "measure"].map(pythonFunction).join("\n\n"));
  project.write("code/orders.test.ts", typeScriptFunction("tested"));
  project.write("code/notes.md", "# No code\n");
});

afterEach(() => {
  vi.unstubAllEnvs();
  project.dispose();
});

/** A function that fills most of a chunk, so that each has one of its own. */
function typeScriptFunction(name: string): string {
  const lines = Array.from({ length: 31 }, (_, i) => `  const ${name}${i} = ${name}Of(order, ${100 + i});`);
  return `export function ${name}Order(order: Order): void {\n${lines.join("\n")}\n}\n`;
}

function pythonFunction(name: string): string {
  const lines = Array.from({ length: 31 }, (_, i) => `    ${name}_${i} = station.${name}(${100 + i})`);
  return `def ${name}_all(station):\n${lines.join("\n")}\n`;
}

interface Work {
  /** Files that were read, and split. */
  readonly read: number;
  readonly split: number;
  /** Chunks whose vector was computed. */
  readonly embedded: number;
  readonly upserted: number;
  readonly deleted: number;
}

const noWork: Work = { read: 0, split: 0, embedded: 0, upserted: 0, deleted: 0 };

async function expectWork(runner: ExampleRunner, expected: Partial<Work>): Promise<void> {
  letFilesAge(project.directory);
  const info = await runner.update(project);
  expect([info.failures, info.incomplete, info.notices, info.ok]).toEqual([[], [], [], true]);
  expect(workOf(info)).toEqual({ ...noWork, ...expected });
}

function workOf({ sources, functions, targets }: UpdateInfo): Work {
  return {
    read: sources.files!.read,
    split: functions.splitRecursively?.computed ?? 0,
    embedded: (functions.hashingEmbed ?? functions.embedText)?.computed ?? 0,
    upserted: targets.Chunks?.upserted ?? 0,
    deleted: targets.Chunks?.deleted ?? 0,
  };
}

/** Where the best chunks for a question are. */
async function placesOf(runner: ExampleRunner, question: string, limit: number): Promise<unknown[]> {
  const results = await runner.query(project, { text: question, limit });
  const scores = results.map(({ score }) => score as number);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  return results.map(({ place }) => place);
}

describe.each([byLibrary, byCommandLine])("run by $name", (runner) => {
  test("code is found by what it says, and edits cost what they touch", async () => {
    await expectWork(runner, { read: 2, split: 2, embedded: 5, upserted: 5 });
    await expectWork(runner, {});
    expect(await placesOf(runner, "how is a refund made?", 1)).toEqual(["orders.ts:69-101"]);
    expect(await placesOf(runner, "forecast of the station", 2)).toEqual([
      "lib/weather.py:1-32",
      "lib/weather.py:35-66",
    ]);

    project.replace("code/orders.ts", "const ship7 =", "const fees7 =");
    await expectWork(runner, { read: 1, split: 1, embedded: 3, upserted: 1 });
    project.write("code/orders.ts", `${project.read("code/orders.ts")}\n${typeScriptFunction("cancel")}`);
    // The blank line between belongs to the chunk before, which so ends elsewhere.
    await expectWork(runner, { read: 1, split: 1, embedded: 4, upserted: 2, deleted: 1 });
    expect(await placesOf(runner, "cancel", 1)).toEqual(["orders.ts:103-135"]);

    project.remove("code/lib");
    await expectWork(runner, { deleted: 2 });
    expect(await placesOf(runner, "forecast of the station", 9)).not.toContainEqual(
      expect.stringContaining("weather.py"),
    );
    expect((await runner.verify(project)).ok).toBe(true);
  }, 120_000);
});

test("with a model in the place of the hashes, a text is embedded once, wherever it moves", async () => {
  const server = await ModelServer.start();
  try {
    const model = `openAiCompatible({ url: "${server.url}", model: "m" })`;
    project.replace(
      "flows.ts",
      "hashingEmbed({ dimension: 384 })",
      `embedText({ model: ${model}, dimension: 4 })`,
    );
    project.replace("flows.ts", "hashingEmbed,", "embedText, openAiCompatible,");
    const texts = () => server.embeddings.splice(0).flatMap(({ input }) => input);
    await expectWork(byLibrary, { read: 2, split: 2, embedded: 5, upserted: 5 });
    expect(texts()).toHaveLength(5);

    project.replace("code/orders.ts", "const ship7 =", "const fees7 =");
    await expectWork(byLibrary, { read: 1, split: 1, embedded: 1, upserted: 1 });
    expect(texts()).toEqual([expect.stringContaining("fees7")]);

    // Every chunk of the file is at another place then: rows go and come, and one text is new.
    project.write("code/orders.ts", `// Orders.\n${project.read("code/orders.ts")}`);
    await expectWork(byLibrary, { read: 1, split: 1, embedded: 1, upserted: 3, deleted: 3 });
    expect(texts()).toEqual([expect.stringMatching(/^\/\/ Orders\./)]);

    project.move("code/orders.ts", "code/shop/orders.ts");
    await expectWork(byLibrary, { read: 1, split: 1, upserted: 3, deleted: 3 });
    expect(texts()).toEqual([]);
  } finally {
    await server.stop();
  }
}, 120_000);

import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { localFiles } from "../../src/connectors/local-files/index.ts";
import { hashingEmbed, splitRecursively } from "../../src/functions/index.ts";
import {
  configure,
  defineFlow,
  defineTransformFlow,
  type Flow,
  generatedUuid,
  type TargetUse,
  type UpdateInfo,
} from "../../src/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import { makeTemporaryTree, type TemporaryTree } from "../support/temporary-tree.ts";
import { useWorld } from "../worlds/use-world.ts";
import { type AskedStore, dimension, type Found, storeKinds } from "./asked-stores.ts";

const world = useWorld();
const timeoutMs = 120_000;

/** Two files share a paragraph, so that there are chunks of one score. */
const shared =
  "## Tides\n\nThe tide tables hang beside the door of the harbour office, and are changed each month.\n";
const files = {
  "pilots.md": `# Pilots\n\nA pilot boards every ship above ninety metres, a mile before the first buoy.\n\n${shared}`,
  "moorings.md": `# Moorings\n\nVisitors moor along the eastern quay, where the water is deep enough at any tide.\n\n${shared}`,
  "fees.md":
    "# Fees\n\nThe fee for a night is paid at the harbour office, in advance.\n\n## Winter\n\nFrom November to March a berth costs half as much.\n",
  "fuel.md": "# Fuel\n\nDiesel and water are sold from the pontoon, from eight to six, and not in a storm.\n",
  "weather.md":
    "# Weather\n\nThe forecast is read out on channel twelve at seven.\n\n## Storm\n\nA black ball is hoisted on the mast of the office when a storm is near.\n",
};

const questions = [
  "where are the tide tables?",
  "what does a berth cost in winter?",
  "storm forecast",
  "pilot",
];

const textToVector = defineTransformFlow("textToVector", { input: { text: z.string() } }, ({ text }) =>
  text.transform(hashingEmbed({ dimension })),
);

/** The flow that every store gets; what differs is its target. */
function defineLibrary(target: TargetUse<unknown, unknown>): Flow {
  return world.keep(
    defineFlow("Library", (flow) => {
      const chunks = flow.addCollector<Omit<Found, "score"> & { embedding: Float32Array }>();
      flow.addSource("files", localFiles({ path: tree.at("files") })).forEachRow((file) => {
        const split = { chunkSize: 120, minChunkSize: 0, language: "markdown" };
        file.content.transform(splitRecursively, split).forEachRow((chunk) => {
          chunks.collect({
            id: generatedUuid(),
            filename: file.filename,
            text: chunk.text,
            embedding: chunk.text.transform(textToVector),
          });
        });
      });
      chunks.export("Chunks", target, {
        primaryKeyFields: ["id"],
        vectorIndexes: [{ field: "embedding", metric: "cosine" }],
        ftsIndexes: [{ field: "text" }],
      });
    }),
  );
}

let tree: TemporaryTree;
beforeEach(() => {
  tree = makeTemporaryTree();
  for (const [name, text] of Object.entries(files)) tree.write(`files/${name}`, text);
});

type Chunk = Omit<Found, "score"> & { readonly embedding: Float32Array };

/** What a build from nothing yields of the files as they are now, with no database in it. */
async function rebuild(): Promise<Chunk[]> {
  world.closeFlows();
  const state = world.state;
  configure({ store: openMemoryStore({ state: new MemoryState() }) });
  const shelf = "rebuilt";
  world.library.shelves.delete(shelf);
  const flow = defineLibrary(world.library.target()({ shelf }) as TargetUse<unknown, unknown>);
  await flow.setup();
  expect((await flow.update()).ok).toBe(true);
  world.closeFlows();
  configure({ store: openMemoryStore({ state }) });
  return world.library.rows(shelf).map(([id, value]) => ({ ...(value as Chunk), id }));
}

/** One update by a process of its own, so to speak: the flow is defined anew. */
async function update(store: AskedStore): Promise<UpdateInfo> {
  world.closeFlows();
  const flow = defineLibrary(store.target);
  await flow.setup();
  const info = await flow.update();
  expect(info).toMatchObject({ ok: true, failures: [], notices: [] });
  return info;
}

function workOf({ sources, functions, targets }: UpdateInfo) {
  const { inserted, updated, deleted, unchanged } = sources.files!;
  const { upserted, deleted: removed } = targets.Chunks!;
  return {
    files: { inserted, updated, deleted, unchanged },
    split: functions.splitRecursively?.computed ?? 0,
    embedded: functions.hashingEmbed?.computed ?? 0,
    written: { upserted, deleted: removed },
  };
}

const scoreOf = (asked: Float32Array, { embedding }: Chunk) =>
  embedding.reduce((sum, value, i) => sum + value * asked[i]!, 0);

/** Checks that a store finds what a look at every chunk of a rebuild finds; chunks of one score come in any order. */
async function expectSameResults(store: AskedStore): Promise<void> {
  const chunks = await rebuild();
  const chunkOf = new Map(chunks.map((chunk) => [chunk.id, chunk]));
  for (const question of questions) {
    const asked = await textToVector.eval(question);
    const scores = chunks.map((chunk) => scoreOf(asked, chunk)).sort((a, b) => b - a);
    for (const limit of [3, chunks.length + 10]) {
      const found = await store.nearest(asked, limit);
      expect(found).toHaveLength(Math.min(limit, chunks.length));
      expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
      for (const [place, { id, filename, text, score }] of found.entries()) {
        const chunk = chunkOf.get(id)!;
        expect({ filename, text }).toEqual({ filename: chunk?.filename, text: chunk?.text });
        expect(Math.abs(score - scoreOf(asked, chunk))).toBeLessThan(1e-5);
        expect(Math.abs(score - scores[place]!)).toBeLessThan(1e-5);
      }
    }
  }
}

/** What is done to the files, and the work that it costs, which is the same in every store. */
const steps = [
  {
    name: "a first build",
    edit: () => {},
    work: {
      files: { inserted: 5, updated: 0, deleted: 0, unchanged: 0 },
      split: 5,
      embedded: 9,
      written: { upserted: 9, deleted: 0 },
    },
  },
  {
    name: "nothing",
    edit: () => {},
    work: {
      files: { inserted: 0, updated: 0, deleted: 0, unchanged: 5 },
      split: 0,
      embedded: 0,
      written: { upserted: 0, deleted: 0 },
    },
  },
  {
    name: "an edit of one of two chunks",
    edit: () => tree.write("files/fees.md", files["fees.md"].replace("half as much", "a third of it")),
    work: {
      files: { inserted: 0, updated: 1, deleted: 0, unchanged: 4 },
      split: 1,
      embedded: 2,
      written: { upserted: 1, deleted: 1 },
    },
  },
  {
    name: "a deletion",
    edit: () => rmSync(tree.at("files/fuel.md")),
    work: {
      files: { inserted: 0, updated: 0, deleted: 1, unchanged: 4 },
      split: 0,
      embedded: 0,
      written: { upserted: 0, deleted: 1 },
    },
  },
  {
    name: "a rename",
    edit: () => renameSync(tree.at("files/pilots.md"), tree.at("files/pilotage.md")),
    work: {
      files: { inserted: 1, updated: 0, deleted: 1, unchanged: 3 },
      split: 1,
      embedded: 2,
      written: { upserted: 2, deleted: 2 },
    },
  },
];

/** Ids of the chunks that have a word, in this very form. */
async function withWord(word: string): Promise<string[]> {
  const chunks = await rebuild();
  return chunks.filter(({ text }) => new RegExp(`\\b${word}\\b`, "i").test(text)).map(({ id }) => id);
}

describe.each(storeKinds)("$name", (kind) => {
  let store: AskedStore | undefined;
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "sluice-stores-"));
    if (kind.canRun) store = await kind.open(directory);
  }, timeoutMs);
  afterAll(async () => {
    await store?.close();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach((context) => {
    context.skip(
      !kind.canRun,
      "needs Postgres with pgvector: tools/test-servers/install-postgres installs it",
    );
  });
  afterEach(async () => {
    if (store === undefined) return;
    world.closeFlows();
    await defineLibrary(store.target).drop();
    expect(await store.exists()).toBe(false);
  });

  test(
    "finds what a look at every row of a rebuild finds, for the work that every store takes",
    async () => {
      for (const { name, edit, work } of steps) {
        edit();
        expect({ name, work: workOf(await update(store!)) }).toEqual({ name, work });
        await expectSameResults(store!);
      }
    },
    timeoutMs,
  );

  test(
    "finds words, and no more those that an edit has taken away",
    async () => {
      const found = async (words: string) => (await store!.withWords(words)).sort();
      await update(store!);
      const pontoon = await withWord("pontoon");
      const storm = (await withWord("storm")).sort();
      const forecast = await withWord("forecast");
      expect([pontoon.length, storm.length, forecast.length]).toEqual([1, 2, 1]);
      expect(await found("pontoon")).toEqual(pontoon);
      expect(await found("storm")).toEqual(storm);
      expect(await found("storms")).toEqual(kind.stems ? storm : []);
      const either = kind.matches === "any word" ? [...pontoon, ...forecast].sort() : [];
      expect(await found("pontoon forecast")).toEqual(either);

      tree.write("files/fuel.md", files["fuel.md"].replace("pontoon", "lighter"));
      await update(store!);
      expect(await found("pontoon")).toEqual([]);
      expect(await found("lighter")).toEqual(await withWord("lighter"));
    },
    timeoutMs,
  );
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Counts, Task } from "../../bench/update/counts.ts";
import { MeasuredFlow } from "../../bench/update/sluice-flow.ts";
import { splitPage } from "../../bench/update/split-page.ts";
import { type Change, UpdateCorpus } from "../../bench/update/update-corpus.ts";
import { configure } from "../../src/index.ts";
import { letFilesAge } from "../support/example-project.ts";
import { makeTemporaryTree, type TemporaryTree } from "../support/temporary-tree.ts";

/*
 * What an update of a folder costs, in counts: the work of the benchmark (npm run bench -- update), phase by phase.
 */

const files = 300;
const batch = 64;
let tree: TemporaryTree;
let corpus: UpdateCorpus;
let task: Task;
/** The rows as they should be: texts by place. */
let rows: Map<string, string>;
/** Every text that has been there. */
let known: Set<string>;

beforeEach(() => {
  tree = makeTemporaryTree();
  rows = new Map();
  known = new Set();
  begin(files);
});

afterEach(() => configure({ appDirectory: undefined, storeDirectory: undefined }));

function begin(pages: number): void {
  const state = tree.at(`state-${pages}`);
  corpus = new UpdateCorpus(tree.at(`corpus-${pages}`), pages, 1);
  task = {
    corpus: corpus.directory,
    state,
    splitter: 1,
    delay: 0,
    batch,
    target: "counting",
    mode: "update",
    stopAfterTexts: null,
    record: null,
  };
}

async function update(more: Partial<Task> = {}): Promise<Counts> {
  letFilesAge(tree.path);
  const measured = await MeasuredFlow.define({ ...task, ...more });
  try {
    return await measured.update();
  } finally {
    measured.flow.close();
  }
}

interface Difference {
  readonly newTexts: number;
  readonly targetWrites: number;
  readonly targetDeletes: number;
}

/** What the files ask for now, compared with what they asked for before. */
function look(change?: Change): Difference {
  if (change) corpus.change(change);
  const before = rows;
  rows = new Map(corpus.paths.flatMap((path) => [...rowsOf(path)]));
  const newTexts = new Set([...rows.values()].filter((text) => !known.has(text)));
  known = new Set([...known, ...newTexts]);
  return {
    newTexts: newTexts.size,
    targetWrites: [...rows].filter(([id, text]) => before.get(id) !== text).length,
    targetDeletes: [...before.keys()].filter((id) => !rows.has(id)).length,
  };
}

function* rowsOf(path: string): Generator<[id: string, text: string]> {
  let end = 0;
  for (const text of splitPage(readFileSync(join(corpus.directory, path), "utf8"))) {
    end += text.length;
    yield [`${path} up to ${end}`, text];
  }
}

const noWork = { filesRead: 0, chunks: 0, embedCalls: 0, embedTexts: 0, targetWrites: 0, targetDeletes: 0 };

function callsFor(texts: number): number {
  return Math.ceil(texts / batch);
}

test("an initial build embeds each text once, in full batches", async () => {
  const { newTexts, ...written } = look();
  const counts = await update();
  expect(counts).toMatchObject({ filesRead: files, chunks: rows.size, embedTexts: newTexts, ...written });
  expect(counts.embedCalls).toBeLessThanOrEqual(callsFor(newTexts) * 1.02);
});

test("where nothing changed nothing is read, called or written", async () => {
  await update();
  const counts = await update();
  expect(counts).toMatchObject({ ...noWork, targetCalls: 0 });
  expect(counts.transactions).toBeLessThanOrEqual(2);
});

test("of edited files only new texts are embedded, and only rows that differ are written", async () => {
  look();
  await update();
  const { newTexts, ...written } = look("edit");
  const counts = await update();
  // Three are edited and one is new; one that is deleted is not read.
  expect(counts).toMatchObject({ filesRead: 4, embedTexts: newTexts, ...written });
  expect(counts.embedCalls).toBeLessThanOrEqual(callsFor(newTexts));
});

test("edits that are spread over a long listing share calls and transactions", async () => {
  // Five slices of the listing, with something to do in each.
  begin(1_200);
  look();
  await update();
  const { newTexts } = look("edit");
  const edited = await update();
  expect(edited.embedCalls).toBeLessThanOrEqual(callsFor(newTexts));
  expect(edited.transactions).toBeLessThanOrEqual(4);
  look("touch");
  expect((await update()).transactions).toBe(1);
});

test("files that were touched are read, and that is all", async () => {
  await update();
  look("touch");
  expect(await update()).toMatchObject({ ...noWork, filesRead: 3, targetCalls: 0 });
});

test("renamed files are read and their rows written, and nothing is embedded", async () => {
  look();
  await update();
  const { newTexts, ...written } = look("rename");
  expect(newTexts).toBe(0);
  expect(await update()).toMatchObject({ filesRead: 30, embedCalls: 0, ...written });
});

test("after an edit of the splitter all is split again, and nothing is embedded or written", async () => {
  look();
  await update();
  expect(await update({ splitter: 2 })).toMatchObject({
    ...noWork,
    filesRead: files,
    chunks: rows.size,
    targetCalls: 0,
  });
  expect(await update({ splitter: 2 })).toMatchObject({ ...noWork, targetCalls: 0 });
});

test("writing all rows again embeds nothing", async () => {
  look();
  await update();
  expect(await update({ mode: "reexport" })).toMatchObject({ embedCalls: 0, targetWrites: rows.size });
});

test("calls of the target and transactions of the store come with groups, and not with rows", async () => {
  for (const pages of [files, 4 * files]) {
    begin(pages);
    const { targetWrites, targetCalls, transactions } = await update();
    expect(targetWrites / targetCalls).toBeGreaterThan(100);
    expect(targetWrites / transactions!).toBeGreaterThan(100);
  }
});

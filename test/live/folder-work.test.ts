import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { localFiles } from "../../src/connectors/local-files/index.ts";
import { configure, defineFlow, type EngineEvent, type Flow, type LiveUpdater } from "../../src/index.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { makeTemporaryTree, type TemporaryTree } from "../support/temporary-tree.ts";
import { Library } from "../worlds/notebook.ts";
import { until } from "../worlds/until.ts";

/*
 * What changes of files cost, in counts: a live update that does more than this is slow on a large folder, however
 * fast the machine of the test.
 */

const files = 1_000;
let tree: TemporaryTree;
let library: Library;
let events: EngineEvent[];
let flow: Flow;
let updater: LiveUpdater;

beforeEach(async () => {
  tree = makeTemporaryTree();
  library = new Library();
  events = [];
  configure({ appDirectory: tree.path, clock: systemClock });
  mkdirSync(tree.at("pages/deep"), { recursive: true });
  for (let i = 0; i < files; i++) write(i, "first");
  flow = defineFlow("Folder", (builder) => {
    const out = builder.addCollector<{ id: string; text: string }>();
    const pages = builder.addSource("pages", localFiles({ path: "pages", watchChanges: true }));
    pages.forEachRow((page) => out.collect({ id: page.filename, text: page.content }));
    out.export("Out", library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
  });
  await flow.setup();
  updater = flow.liveUpdate({ report: (event) => events.push(event) });
  await updater.start();
  await until(() => updater.updateStats().state === "following", "catching up");
  events = [];
  library.forgetCounts();
});

afterEach(async () => {
  await updater.abort();
  flow.close();
  configure({ appDirectory: undefined, clock: undefined });
});

function nameOf(page: number): string {
  return page % 2 === 0 ? `page-${page}.md` : `deep/page-${page}.md`;
}

function write(page: number, text: string): void {
  writeFileSync(tree.at(`pages/${nameOf(page)}`), `${text} of ${page}`);
}

function textOf(page: number): unknown {
  return (library.shelves.get("s")?.get(nameOf(page)) as { text: string } | undefined)?.text;
}

async function arrived(pages: readonly number[], text: string): Promise<void> {
  await until(() => pages.every((page) => textOf(page) === `${text} of ${page}`), `${text} to arrive`);
  await until(() => updater.updateStats().sources.pages!.waiting === 0);
  await until(() => updater.updateStats().info.sources.pages!.inFlight === 0);
}

function countsNow() {
  const { info, sources } = updater.updateStats();
  const { read } = info.sources.pages!;
  const { changes, listings } = sources.pages!;
  const transactions = events.filter(({ kind }) => kind === "store-written").length;
  return { read: read - files, changes, listings, transactions };
}

test("a burst of changes is read about once each, in few transactions, and lists nothing", async () => {
  const all = Array.from({ length: files }, (_, page) => page);
  for (const page of all) write(page, "second");
  await arrived(all, "second");
  const counts = countsNow();
  expect(counts.listings).toBe(1);
  // One that was told of while it was being written is told of again.
  expect(counts.changes).toBeLessThanOrEqual(files * 1.1);
  expect(counts.read).toBeLessThanOrEqual(files * 1.1);
  expect(library.upserts.length).toBeLessThanOrEqual(files * 1.1);
  expect(counts.transactions).toBeLessThanOrEqual(30);
  expect(library.calls).toBeLessThanOrEqual(30);
});

test("a change costs its own row, and no other one is looked at", async () => {
  for (let page = 0; page < 10; page++) {
    write(page, "alone");
    await arrived([page], "alone");
  }
  const counts = countsNow();
  expect(counts.listings).toBe(1);
  expect(counts.read).toBeLessThanOrEqual(20);
  expect(new Set(library.upserts)).toEqual(new Set(Array.from({ length: 10 }, (_, page) => nameOf(page))));
  // Staged and committed; one that was told of twice is so again.
  expect(counts.transactions).toBeLessThanOrEqual(40);
});

test("a file that is written over and over is read and written a few times only", async () => {
  for (let i = 0; i < 500; i++) write(1, `version ${i}`);
  await arrived([1], "version 499");
  const counts = countsNow();
  expect(counts.changes).toBeLessThanOrEqual(5);
  expect(counts.read).toBeLessThanOrEqual(5);
  expect(library.upserts.length).toBeLessThanOrEqual(5);
});

test("files and directories that go are deleted without a listing", async () => {
  rmSync(tree.at(`pages/${nameOf(2)}`));
  await until(() => textOf(2) === undefined, "the row to go");
  rmSync(tree.at("pages/deep/page-1.md"));
  rmSync(tree.at("pages/deep/page-3.md"));
  await until(() => textOf(1) === undefined && textOf(3) === undefined, "the rows to go");
  const counts = countsNow();
  expect(counts.listings).toBe(1);
  expect(counts.read).toBeLessThanOrEqual(6);
  expect(library.deletes.sort()).toEqual([nameOf(1), nameOf(3), nameOf(2)].sort());
  expect(library.upserts).toEqual([]);
});

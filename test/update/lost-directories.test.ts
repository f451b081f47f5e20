import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { localFiles } from "../../src/connectors/local-files/index.ts";
import { configure, defineFlow, defineFunction, type Flow, type UpdateInfo } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { canBeUnprivileged, whileUnprivileged } from "../support/as-unprivileged.ts";
import { letFilesAge } from "../support/example-project.ts";
import { makeTemporaryTree, type TemporaryTree } from "../support/temporary-tree.ts";
import { Library } from "../worlds/notebook.ts";

/*
 * A directory of files that cannot be seen for a while: the target keeps all that was made of them, and when the
 * files are back, nothing is done again.
 */

let tree: TemporaryTree;
let library: Library;
let flow: Flow;
/** Runs while a file is processed. */
let onFile: () => void = () => {};

beforeEach(() => {
  tree = makeTemporaryTree();
  library = new Library();
  configure({ appDirectory: tree.path, store: openMemoryStore() });
  const look = defineFunction({
    name: "look",
    version: 1,
    input: { text: z.string() },
    output: z.string(),
    run: ({ text }) => {
      onFile();
      return text;
    },
  });
  flow = defineFlow("Files", (builder) => {
    const out = builder.addCollector<{ id: string; text: string }>();
    builder
      .addSource("files", localFiles({ path: "data" }))
      .forEachRow((file) => out.collect({ id: file.filename, text: file.content.transform(look) }));
    out.export("Out", library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
  });
});

afterEach(() => {
  onFile = () => {};
  flow.close();
  configure({ appDirectory: undefined, store: undefined, maxInflightRows: undefined });
});

/** Makes files, the last in a directory of its own, and brings them to the target. */
async function settle(count: number): Promise<void> {
  for (let i = 1; i < count; i++) tree.write(`data/${String(i).padStart(4, "0")}.md`, `text ${i}`);
  tree.write("data/sub/last.md", "last");
  letFilesAge(tree.path);
  await flow.setup();
  expect((await flow.update()).sources.files).toMatchObject({ inserted: count, read: count });
  library.forgetCounts();
}

async function expectBackWithoutWork(count: number): Promise<void> {
  const info = await flow.update();
  expect(info.ok).toBe(true);
  expect(info.sources.files).toMatchObject({ unchanged: count, read: 0, deleted: 0, inserted: 0 });
  expect(library.calls).toBe(0);
  expect(library.rows("s")).toHaveLength(count);
}

function problemOf({ held, incomplete }: UpdateInfo): string[] {
  return [...held, ...incomplete].map(({ error }) => error.code);
}

interface Loss {
  readonly what: string;
  readonly code: string;
  /** Permissions are what is lost, and bind a user who is not root. */
  readonly denied?: true;
  lose(): void;
  restore(): void;
}

const away = () => renameSync(tree.at("data"), tree.at("away"));

const back = () => {
  rmSync(tree.at("data"), { recursive: true, force: true });
  renameSync(tree.at("away"), tree.at("data"));
};

const losses: readonly Loss[] = [
  { what: "a root that is missing", code: "listing-failed", lose: away, restore: back },
  {
    what: "an empty root, as a mount point without its mount is",
    code: "deletions-held",
    lose() {
      away();
      mkdirSync(tree.at("data"));
    },
    restore: back,
  },
  {
    what: "a root that is a file",
    code: "listing-failed",
    lose() {
      away();
      writeFileSync(tree.at("data"), "");
    },
    restore: back,
  },
  {
    what: "a root that may not be looked at",
    code: "listing-failed",
    denied: true,
    lose: () => chmodSync(tree.at("data"), 0o000),
    restore: () => chmodSync(tree.at("data"), 0o755),
  },
  {
    what: "a directory below that may not be looked at",
    code: "listing-incomplete",
    denied: true,
    lose: () => chmodSync(tree.at("data/sub"), 0o000),
    restore: () => chmodSync(tree.at("data/sub"), 0o755),
  },
];

test.for(losses)("$what deletes nothing", async ({ code, denied, lose, restore }, context) => {
  if (denied) context.skip(!canBeUnprivileged, "permissions bind nobody here");
  await settle(5);
  if (denied) chmodSync(tree.path, 0o755);
  lose();
  const update = () => flow.update();
  const info = await (denied ? whileUnprivileged(update) : update());
  expect(problemOf(info)).toEqual([code]);
  expect(info.ok).toBe(false);
  expect([library.calls, library.rows("s").length]).toEqual([0, 5]);
  restore();
  await expectBackWithoutWork(5);
});

test("most of the files are held, and the rest is processed", async () => {
  await settle(30);
  mkdirSync(tree.at("away"));
  const names = Array.from({ length: 25 }, (_, i) => `${String(i + 1).padStart(4, "0")}.md`);
  for (const name of names) renameSync(tree.at(`data/${name}`), tree.at(`away/${name}`));
  tree.write("data/sub/last.md", "edited");
  const info = await flow.update();
  expect(problemOf(info)).toEqual(["deletions-held"]);
  expect(info.sources.files).toMatchObject({ updated: 1, deleted: 0 });
  expect([library.upserts, library.deletes]).toEqual([["sub/last.md"], []]);
  expect((await flow.update({ allowDeletions: 25 })).sources.files).toMatchObject({ deleted: 25 });
});

test("a root that goes away while it is listed deletes nothing", async () => {
  await settle(1_100);
  tree.write("data/0001.md", "edited");
  onFile = away;
  const info = await flow.update();
  expect(problemOf(info)).toEqual(["listing-failed"]);
  expect(library.rows("s")).toHaveLength(1_100);
  expect(library.deletes).toEqual([]);
  back();
  onFile = () => {};
  letFilesAge(tree.path);
  await flow.update();
  library.forgetCounts();
  await expectBackWithoutWork(1_100);
});

test("a root that goes away before its files are read fails them, and deletes nothing", async () => {
  await settle(30);
  for (let i = 1; i < 30; i++) tree.write(`data/${String(i).padStart(4, "0")}.md`, `edited ${i}`);
  configure({ maxInflightRows: 1 });
  onFile = () => {
    onFile = () => {};
    away();
  };
  const info = await flow.update();
  expect(info.held).toEqual([]);
  expect(info.sources.files).toMatchObject({ updated: 1, failed: 28, deleted: 0 });
  expect(library.rows("s")).toHaveLength(30);
});

import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type LocalFilesTargetOptions, localFilesTarget } from "../../src/connectors/local-files/index.ts";
import { configure, defineFlow, defineFunction, type Flow } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { makeTemporaryTree, type TemporaryTree } from "../support/temporary-tree.ts";
import type { Notebook } from "../worlds/notebook.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();
let tree: TemporaryTree;

beforeEach(() => {
  tree = makeTemporaryTree();
});

const out = () => tree.at("out");

/** A flow that writes every page of the notebook to the file of its id. */
function define(options: Partial<LocalFilesTargetOptions> = {}, notebook: Notebook = world.notebook): Flow {
  return world.keep(
    defineFlow("Files", (builder) => {
      const files = builder.addCollector<{ path: string; content: string }>();
      builder.addSource("pages", notebook.source({ ordered: true })({})).forEachRow((page) => {
        files.collect({ path: page.id, content: page.text });
      });
      files.export("Out", localFilesTarget({ directory: out(), ...options }), { primaryKeyFields: ["path"] });
    }),
  );
}

async function ready(options: Partial<LocalFilesTargetOptions> = {}): Promise<Flow> {
  const flow = define(options);
  await flow.setup();
  return flow;
}

/** The files below a directory and what they hold, but for the target's own. */
function filesIn(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const names = paths.map((path) => [path.slice(directory.length + 1), readFileSync(path, "utf8")] as const);
  return Object.fromEntries(names.filter(([name]) => !name.startsWith(".sluice-files/")).sort());
}

const failuresOf = (info: { failures: readonly { row: string; error: Error }[] }) =>
  info.failures.map(({ row, error }) => `${row}: ${error.message}`).sort();

describe("files of others", () => {
  test("are neither written over nor removed, and one row is the failed row", async () => {
    const flow = await ready();
    tree.write("out/mine.txt", "by hand");
    world.notebook.write("mine.txt", "by Sluice");
    world.notebook.write("other.txt", "too");
    const info = await flow.update();
    expect(failuresOf(info)).toEqual([
      `mine.txt: "mine.txt" in directory ${out()} is there already, and not as the file of this row`,
    ]);
    expect(info.failures[0]!.error).toMatchObject({ code: "mutate-failed", hint: /overwrite: true/ });
    expect(filesIn(out())).toEqual({ "mine.txt": "by hand", "other.txt": "too" });

    // Its row goes, or the backend: it is nobody's but theirs.
    world.notebook.remove("mine.txt");
    expect((await flow.update()).ok).toBe(true);
    await flow.drop();
    expect(filesIn(out())).toEqual({ "mine.txt": "by hand" });
  });

  test("give way once they are moved, or with overwrite", async () => {
    const flow = await ready();
    tree.write("out/a.txt", "by hand");
    world.notebook.write("a.txt", "by Sluice");
    expect((await flow.update()).ok).toBe(false);
    renameSync(tree.at("out/a.txt"), tree.at("a.txt"));
    expect((await flow.update()).ok).toBe(true);
    expect(filesIn(out())).toEqual({ "a.txt": "by Sluice" });

    tree.write("out/b.txt", "by hand");
    world.notebook.write("b.txt", "by Sluice");
    expect((await flow.update()).ok).toBe(false);
    flow.close();
    const overwriting = define({ overwrite: true });
    expect((await overwriting.update()).ok).toBe(true);
    expect(filesIn(out())).toEqual({ "a.txt": "by Sluice", "b.txt": "by Sluice" });
    await overwriting.drop();
    expect(existsSync(out())).toBe(false);
  });

  test("are no rows for verification, whose repair leaves them", async () => {
    const flow = await ready();
    world.notebook.write("a/b.txt", "text");
    world.notebook.write("c.txt", "text");
    await flow.update();
    tree.write("out/mine.txt", "by hand");
    tree.write("out/a/b.txt", "edited");
    rmSync(tree.at("out/c.txt"));
    const verified = await flow.verify();
    expect(verified.targets.Out).toMatchObject({ expected: 2, missing: 1, different: 1, extra: 0 });
    await flow.verify({ repair: true });
    expect(filesIn(out())).toEqual({ "a/b.txt": "text", "c.txt": "text", "mine.txt": "by hand" });
  });

  test("a directory that was there stays when the backend is dropped, and what is in it", async () => {
    mkdirSync(out());
    const flow = await ready();
    world.notebook.write("a/b.txt", "text");
    await flow.update();
    await flow.drop();
    expect(readdirSync(out())).toEqual([]);
  });
});

describe("links", () => {
  /** A directory elsewhere, with a file in it that a row's path names through the link. */
  function plantLink(): void {
    tree.write("elsewhere/a.txt", "precious");
    rmSync(tree.at("out/sub"), { recursive: true, force: true });
    symlinkSync(tree.at("elsewhere"), tree.at("out/sub"));
  }

  test("are not followed when files are written", async () => {
    const flow = await ready({ overwrite: true });
    plantLink();
    world.notebook.write("sub/a.txt", "text");
    world.notebook.write("sub/new/b.txt", "text");
    world.notebook.write("c.txt", "text");
    const info = await flow.update();
    expect(failuresOf(info)).toEqual([
      `sub/a.txt: cannot write "sub/a.txt" in directory ${out()}: "sub" is a link`,
      `sub/new/b.txt: cannot write "sub/new/b.txt" in directory ${out()}: "sub" is a link`,
    ]);
    expect(filesIn(tree.at("elsewhere"))).toEqual({ "a.txt": "precious" });
    expect(existsSync(tree.at("out/c.txt"))).toBe(true);
  });

  test("are not followed when rows go, nor when the backend is dropped or read back", async () => {
    const flow = await ready();
    world.notebook.write("sub/a.txt", "text");
    world.notebook.write("sub/b.txt", "text");
    world.notebook.write("c.txt", "text");
    await flow.update();
    plantLink();
    expect((await flow.verify()).targets.Out).toMatchObject({ found: 1, missing: 2 });
    world.notebook.remove("sub/a.txt");
    expect((await flow.update()).ok).toBe(true);
    await flow.drop();
    expect(filesIn(tree.at("elsewhere"))).toEqual({ "a.txt": "precious" });
    expect(lstatSync(tree.at("out/sub")).isSymbolicLink()).toBe(true);
  });

  test("one in the place of a file is replaced, and what it leads to is not", async () => {
    const flow = await ready();
    world.notebook.write("a.txt", "one");
    world.notebook.write("b.txt", "one");
    await flow.update();
    for (const name of ["a.txt", "b.txt"]) {
      tree.write(`elsewhere/${name}`, "precious");
      rmSync(tree.at(`out/${name}`));
      symlinkSync(tree.at(`elsewhere/${name}`), tree.at(`out/${name}`));
    }
    expect((await flow.verify()).targets.Out).toMatchObject({ found: 0, missing: 2 });
    world.notebook.write("a.txt", "two");
    world.notebook.remove("b.txt");
    expect((await flow.update()).ok).toBe(true);
    expect(filesIn(out())).toEqual({ "a.txt": "two" });
    expect(filesIn(tree.at("elsewhere"))).toEqual({ "a.txt": "precious", "b.txt": "precious" });
  });

  test("the directory itself may be one", async () => {
    mkdirSync(tree.at("real"));
    symlinkSync(tree.at("real"), out());
    const flow = await ready();
    world.notebook.write("a/b.txt", "text");
    expect((await flow.update()).ok).toBe(true);
    expect(filesIn(tree.at("real"))).toEqual({ "a/b.txt": "text" });
    await flow.drop();
    expect(readdirSync(tree.at("real"))).toEqual([]);
  });

  test("the target's own directory is none, so that drafts and the list stay inside", async () => {
    const flow = await ready();
    rmSync(tree.at("out/.sluice-files"), { recursive: true });
    tree.write("elsewhere/a.txt", "precious");
    symlinkSync(tree.at("elsewhere"), tree.at("out/.sluice-files"));
    world.notebook.write("a.txt", "text");
    const info = await flow.update();
    expect(info.failures).toMatchObject([{ error: { code: "target-unavailable" } }]);
    expect(filesIn(tree.at("elsewhere"))).toEqual({ "a.txt": "precious" });
  }, 60_000);
});

describe("files and directories that change places", () => {
  test("in one call: deletions come first", async () => {
    const { definition, spec } = localFilesTarget({ directory: out() });
    const names = { flow: "Files", targetName: "Out", defaultName: "Files__Out" };
    const schema = {
      keyFields: [{ name: "path", type: { kind: "string", nullable: false }, optional: false }],
      valueFields: [{ name: "content", type: { kind: "string", nullable: false }, optional: false }],
    } as const;
    const context = { appDirectory: tree.path, signal: new AbortController().signal, leaseNumber: 1 };
    const target = await definition.prepare(spec, {
      ...context,
      ...names,
      schema,
      indexes: { vector: [], fts: [] },
    });
    const mutate = (mutations: readonly { key: string; value: { content: string } | null }[]) =>
      definition.mutate([{ target, mutations }], context);
    const there = (key: string) => ({ key, value: { content: key } });
    const gone = (key: string) => ({ key, value: null });
    await mutate([there("a"), there("b/c/d")]);
    await mutate([there("a/b"), gone("a"), there("b"), gone("b/c/d")]);
    expect(filesIn(out())).toEqual({ "a/b": "a/b", b: "b" });
    // As after a crash: any part of a call may come again.
    await mutate([there("a/b"), gone("a"), there("b"), gone("b/c/d")]);
    expect(filesIn(out())).toEqual({ "a/b": "a/b", b: "b" });
  });

  test("in a flow: the row waits for the other one to go, and the next update repairs it", async () => {
    const flow = await ready();
    world.notebook.write("a", "text");
    await flow.update();
    world.notebook.remove("a");
    world.notebook.write("a/b", "text");
    world.notebook.write("c", "text");
    await flow.update();
    expect((await flow.update()).ok).toBe(true);
    expect(filesIn(out())).toEqual({ "a/b": "text", c: "text" });
  });

  test("two rows that cannot both be: one fails, and leaves no empty directory", async () => {
    const flow = await ready();
    world.notebook.write("a", "text");
    await flow.update();
    world.notebook.write("a/b/c", "text");
    world.notebook.write("d", "text");
    expect(failuresOf(await flow.update())).toEqual([
      `a/b/c: cannot write "a/b/c" in directory ${out()}: "a" is a file`,
    ]);
    expect(filesIn(out())).toEqual({ a: "text", d: "text" });
    world.notebook.remove("d");
    await flow.update();
    mkdirSync(tree.at("out/d/e"), { recursive: true });
    world.notebook.write("d", "again");
    world.notebook.write("x/y/z", "text");
    expect(failuresOf(await flow.update())).toEqual([
      `a/b/c: cannot write "a/b/c" in directory ${out()}: "a" is a file`,
      `d: "d" in directory ${out()} is there already, and not as the file of this row`,
    ]);
  });

  test("directories that are empty go, up to the target's own", async () => {
    const flow = await ready();
    world.notebook.write("a/b/c/d.txt", "text");
    world.notebook.write("a/e.txt", "text");
    await flow.update();
    world.notebook.remove("a/b/c/d.txt");
    await flow.update();
    expect(readdirSync(tree.at("out/a"))).toEqual(["e.txt"]);
    world.notebook.remove("a/e.txt");
    world.notebook.write("f.txt", "text");
    await flow.update({ allowDeletions: true });
    expect(readdirSync(out()).sort()).toEqual([".sluice-files", "f.txt"]);
  });
});

describe("after a crash or a loss", () => {
  test("drafts that were left are taken away by the next write", async () => {
    const flow = await ready();
    tree.write("out/.sluice-files/some-draft", "half");
    world.notebook.write("a.txt", "text");
    await flow.update();
    expect(readdirSync(tree.at("out/.sluice-files"))).toEqual(["list"]);
  });

  test("a line of the list that was cut off is passed over, and the next ones count", async () => {
    const flow = await ready();
    world.notebook.write("a.txt", "text");
    await flow.update();
    appendFileSync(tree.at("out/.sluice-files/list"), '\n+"half');
    tree.write("out/half", "by hand");
    world.notebook.write("b.txt", "text");
    expect((await flow.update()).ok).toBe(true);
    await flow.drop();
    expect(filesIn(out())).toEqual({ half: "by hand" });
  });

  test("a directory that somebody removed is written again, as far as rows change; verification finds the rest", async () => {
    const flow = await ready();
    world.notebook.write("a.txt", "text");
    world.notebook.write("b.txt", "text");
    await flow.update();
    rmSync(out(), { recursive: true });
    world.notebook.write("a.txt", "edited");
    expect((await flow.update()).ok).toBe(true);
    expect(filesIn(out())).toEqual({ "a.txt": "edited" });
    expect((await flow.verify({ repair: true })).ok).toBe(true);
    expect(filesIn(out())).toEqual({ "a.txt": "edited", "b.txt": "text" });
  });

  test("a lost store: the directory is adopted with its files, and what no row yields goes", async () => {
    const flow = await ready({ suffix: ".md" });
    for (const id of ["a", "b", "c", "d", "e"]) world.notebook.write(id, "text");
    await flow.update();
    tree.write("out/mine.md", "by hand");
    flow.close();
    configure({ store: openMemoryStore() });
    world.notebook.remove("a");
    const again = define({ suffix: ".md" });
    await again.setup({ adopt: true });
    const info = await again.update();
    expect(info).toMatchObject({ ok: true, targets: { Out: { upserted: 0, deleted: 1 } } });
    expect(Object.keys(filesIn(out()))).toEqual(["b.md", "c.md", "d.md", "e.md", "mine.md"]);
  });

  test("the list is written anew when it says much that is over", async () => {
    const flow = await ready({ durable: false });
    for (let n = 0; n < 800; n++) world.notebook.write(`${n}.txt`, "text");
    await flow.update();
    for (let n = 1; n < 800; n++) world.notebook.remove(`${n}.txt`);
    await flow.update({ allowDeletions: true });
    const lines = () => readFileSync(tree.at("out/.sluice-files/list"), "utf8").split("\n").filter(Boolean);
    expect(lines().length).toBeGreaterThan(1_500);
    world.notebook.write("0.txt", "edited");
    await flow.update();
    expect(lines().slice(1)).toEqual(['+"0.txt"']);
    await flow.drop();
    expect(existsSync(out())).toBe(false);
  });
});

test("a directory in a file's place is never taken over, nor what comes to stand there after it", async () => {
  const flow = await ready({ overwrite: true });
  tree.write("out/d/mine.txt", "by hand");
  world.notebook.write("d", "text");
  expect(failuresOf(await flow.update())).toEqual([
    `d: cannot write "d" in directory ${out()}: a directory has its place`,
  ]);
  rmSync(tree.at("out/d"), { recursive: true });
  tree.write("out/d", "by hand");
  await flow.drop();
  expect(filesIn(out())).toEqual({ d: "by hand" });
});

test("a directory that cannot be opened is a target that is down, not a row at fault", async () => {
  const flow = await ready();
  rmSync(out(), { recursive: true });
  writeFileSync(out(), "a file");
  world.notebook.write("a", "text");
  const info = await flow.update();
  expect(info.failures).toMatchObject([{ error: { code: "target-unavailable" } }]);
  expect(info.failures[0]!.error.message).toContain(`directory ${out()} takes no files: EEXIST`);
  rmSync(out());
  expect((await flow.update()).ok).toBe(true);
});

test("another suffix is another file for each row", async () => {
  const flow = await ready({ suffix: ".html" });
  world.notebook.write("a/index", "text");
  await flow.update();
  tree.write("out/a/mine.html", "by hand");
  flow.close();
  const changed = define({ suffix: ".htm" });
  expect((await changed.planSetup()).actions).toMatchObject([{ verb: "rebuild" }]);
  await changed.setup();
  await changed.update();
  expect(filesIn(out())).toEqual({ "a/index.htm": "text", "a/mine.html": "by hand" });
});

/** Each name is short enough, and the path is longer than Linux takes it. */
const tooDeep = Array.from({ length: 25 }, () => "x".repeat(200)).join("/");

test("hostile keys are rows that fail, each by itself, and nothing is written outside", async () => {
  const flow = await ready({ suffix: "" });
  const hostile = [
    "../evil",
    "/tmp/evil",
    "a/../../evil",
    "..",
    ".sluice-files/list",
    "nul\0",
    "x".repeat(256),
    tooDeep,
  ];
  for (const id of [...hostile, "good", "fine/too"]) world.notebook.write(id, "text");
  const info = await flow.update();
  expect(info.failures).toHaveLength(hostile.length);
  for (const { error } of info.failures) expect(error.code).toBe("mutate-failed");
  expect(filesIn(tree.path)).toMatchObject({ "out/good": "text", "out/fine/too": "text" });
  expect(Object.keys(filesIn(tree.path)).filter((path) => !path.startsWith("out/"))).toEqual([]);
  // Directories that were made for a row that failed are gone too.
  expect(readdirSync(out()).sort()).toEqual([".sluice-files", "fine", "good"]);
  for (const id of hostile) world.notebook.remove(id);
  expect((await flow.update({ allowDeletions: true })).ok).toBe(true);
});

describe("the definition", () => {
  const pair = defineFunction({
    name: "pair",
    version: 1,
    input: { text: z.string() },
    output: z.object({ text: z.string().nullable(), size: z.int() }),
    run: ({ text }) => ({ text, size: text.length }),
  });

  function defining(fields: readonly ("text" | "size" | "id")[]): () => Flow {
    return () =>
      world.keep(
        defineFlow("Files", (builder) => {
          const files = builder.addCollector<{ path: string; content: string }>();
          builder.addSource("pages", world.notebook.source({ ordered: true })({})).forEachRow((page) => {
            const made = page.text.transform(pair);
            const all = { id: page.id, text: made.text, size: made.size };
            const collected = Object.fromEntries(fields.map((name) => [name, all[name]]));
            // What the compiler would refuse.
            files.collect({ path: page.id, ...collected } as never);
          });
          files.export("Out", localFilesTarget({ directory: "out" }), { primaryKeyFields: ["path"] });
        }),
      );
  }

  test("refuses what files cannot hold, and says what they can", () => {
    expect(defining([])).toThrow("export Out has nothing beside its key, but a file holds one field");
    expect(defining(["id", "size"])).toThrow("export Out has id, size beside its key");
    expect(defining(["size"])).toThrow("collects size as int, but a file holds text or bytes");
    expect(defining(["text"])).toThrow("collects text as");
    expect(defining(["id"])().name).toBe("Files");
  });

  test("refuses options that cannot be meant", () => {
    const refused = (options: object) => () => localFilesTarget(options as LocalFilesTargetOptions);
    expect(refused({ directory: "" })).toThrow("directory: is empty; write . for the app directory");
    expect(refused({ directory: "a\0" })).toThrow("directory: holds a NUL");
    expect(refused({ directory: "a", suffix: "/x" })).toThrow("suffix: must be the end of a file's name");
    expect(refused({ directory: "a", sufix: ".md" })).toThrow(/sufix/);
  });

  test("two spellings of a directory are one", () => {
    const keyOf = (directory: string) => {
      const { definition, spec } = localFilesTarget({ directory });
      return definition.getPersistentKey(spec, "Out", {
        flow: "F",
        targetName: "Out",
        defaultName: "F__Out",
      });
    };
    expect(["./site/", "site", "a/../site", "site/."].map(keyOf)).toEqual(["site", "site", "site", "site"]);
    expect(["/", ".", ".."].map(keyOf)).toEqual(["/", ".", ".."]);
  });
});

test("a directory that cannot be made is an error of setup that says why", async () => {
  writeFileSync(out(), "a file");
  const flow = define({ directory: tree.at("out/below") });
  await expect(flow.setup()).rejects.toMatchObject({
    message: expect.stringMatching(/cannot be made|not a directory/i),
  });
});

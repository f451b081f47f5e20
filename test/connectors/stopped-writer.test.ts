import fs, { existsSync, readdirSync, readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { localFilesTarget } from "../../src/connectors/local-files/index.ts";
import { makeTemporaryTree, type TemporaryTree } from "../support/temporary-tree.ts";

type Moment = "before" | "half-way" | "after";
type Change = (...args: unknown[]) => unknown;

const changes = ["mkdirSync", "writeFileSync", "renameSync", "rmdirSync", "rmSync"] as const;

/**
 * From the n-th change of the file system on nothing is changed any more, as if the process had been killed there:
 * handlers of errors come to nothing either. Half-way means that half of what is written gets there.
 */
function stopAt(
  n: number,
  moment: Moment,
): { readonly isStopped: () => boolean; readonly restore: () => void } {
  let calls = 0;
  const stopped = () => new Error("stopped");
  const around = (original: Change, run: (args: unknown[]) => unknown, half: (args: unknown[]) => void) => {
    return (...args: unknown[]) => {
      calls++;
      if (calls < n) return run(args);
      if (calls === n && moment === "half-way") half(args);
      if (calls === n && moment === "after") original(...args);
      throw stopped();
    };
  };
  const undo: (() => void)[] = [];
  const replace = (holder: Record<string, unknown>, name: string, isWrite: boolean) => {
    const original = holder[name] as Change;
    holder[name] = around(
      original,
      (args) => original(...args),
      ([file, data, ...rest]) => {
        if (isWrite)
          original(file, Buffer.from(data as string).subarray(0, (data as string).length >> 1), ...rest);
      },
    );
    undo.push(() => {
      holder[name] = original;
    });
  };
  for (const name of changes) replace(fs as never, name, name === "writeFileSync");
  replace(fs.promises as never, "rm", false);
  syncBuiltinESMExports();
  const restore = () => {
    for (const one of undo.splice(0)) one();
    syncBuiltinESMExports();
  };
  onTestFinished(restore);
  return { isStopped: () => calls >= n, restore };
}

const { definition, spec } = localFilesTarget({ directory: "out", durable: false });
const field = (name: string) =>
  ({ name, type: { kind: "string", nullable: false }, optional: false }) as const;

type Files = Readonly<Record<string, string | null>>;

/** Files come, are edited, go, and give place to directories and the other way round. */
const calls: readonly Files[] = [
  { a: "a1", "b/c": "c1", "d/e/f": "f1", "g/h": "h1" },
  { a: "a2", b: "b1", "b/c": null, "d/e/f": null, "g/h": null, "g/i/j": "j1" },
  { a: null, "a/k": "k1", b: "b2" },
];
const written = { "a/k": "k1", b: "b2", "g/i/j": "j1" };
const foreign = { "d/mine": "by hand" };

/** Makes the calls that have not landed; `landed` counts them up. */
async function write(tree: TemporaryTree, progress = { landed: 0 }): Promise<void> {
  const context = { appDirectory: tree.path, signal: new AbortController().signal, leaseNumber: 1 };
  await definition.applySetupChange({ key: "out", previous: null, current: { suffix: "" } }, context);
  const target = await definition.prepare(spec, {
    ...context,
    flow: "Files",
    targetName: "Out",
    defaultName: "Files__Out",
    schema: { keyFields: [field("path")], valueFields: [field("content")] },
    indexes: { vector: [], fts: [] },
  });
  for (const files of calls.slice(progress.landed)) {
    const mutations = Object.entries(files).map(([key, content]) => ({ key, value: content && { content } }));
    await definition.mutate([{ target, mutations }], context);
    progress.landed++;
  }
}

function drop(tree: TemporaryTree): void | Promise<void> {
  const context = { appDirectory: tree.path, signal: new AbortController().signal, leaseNumber: 2 };
  return definition.applySetupChange({ key: "out", previous: { suffix: "" }, current: null }, context);
}

function filesIn(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = paths.map((path) => [path.slice(directory.length + 1), readFileSync(path, "utf8")] as const);
  return Object.fromEntries(files.filter(([path]) => !path.startsWith(".sluice-files/")));
}

/** What the list says of each path last, by another reader than the target's. */
function listed(directory: string): Set<string> {
  const list = join(directory, ".sluice-files/list");
  const paths = new Set<string>();
  if (!existsSync(list)) return paths;
  for (const line of readFileSync(list, "utf8").split("\n")) {
    if (/^\+".*"$/.test(line)) paths.add(JSON.parse(line.slice(1)));
    if (/^-".*"$/.test(line)) paths.delete(JSON.parse(line.slice(1)));
  }
  return paths;
}

/** Each file is whole, and on the list unless others have put it there. */
function expectSound(directory: string): void {
  const { "d/mine": mine, ...files } = filesIn(directory);
  expect(mine).toBe("by hand");
  const known = listed(directory);
  for (const [path, content] of Object.entries(files)) {
    expect(known.has(path), path).toBe(true);
    expect(content).toMatch(/^[a-z]\d$/);
  }
}

describe.each<Moment>(["before", "half-way", "after"])("stopped %s a change of the file system", (moment) => {
  test("writing leaves what the next writer completes", async () => {
    let n = 0;
    for (let isStopped = true; isStopped; ) {
      const tree = makeTemporaryTree({ "out/d/mine": "by hand" });
      const stop = stopAt(++n, moment);
      const progress = { landed: 0 };
      await write(tree, progress).catch(() => {});
      stop.restore();
      isStopped = stop.isStopped();
      expectSound(tree.at("out"));
      await write(tree, progress);
      expect(filesIn(tree.at("out"))).toEqual({ ...written, ...foreign });
      expect(readdirSync(tree.at("out/.sluice-files"))).toEqual(["list"]);
      await drop(tree);
      expect(readdirSync(tree.at("out"), { recursive: true }).sort()).toEqual(["d", "d/mine"]);
    }
    expect(n).toBeGreaterThan(30);
  });

  test("a drop is completed by the next one", async () => {
    let n = 0;
    for (let isStopped = true; isStopped; ) {
      const tree = makeTemporaryTree({ "out/d/mine": "by hand" });
      await write(tree);
      const stop = stopAt(++n, moment);
      await Promise.resolve(drop(tree)).catch(() => {});
      stop.restore();
      isStopped = stop.isStopped();
      expectSound(tree.at("out"));
      await drop(tree);
      expect(readdirSync(tree.at("out"), { recursive: true }).sort()).toEqual(["d", "d/mine"]);
    }
    expect(n).toBeGreaterThan(5);
  });
});

import { execFile, execFileSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { FollowedSource } from "../../../../test/support/follow-source.ts";
import { FollowedTree, readFiles } from "../../../../test/support/followed-tree.ts";
import { makeTemporaryTree, type TemporaryTree } from "../../../../test/support/temporary-tree.ts";
import { localFiles } from "../index.ts";

const run = promisify(execFile);

const follow = (tree: TemporaryTree) =>
  FollowedSource.open<{ content: string }>(localFiles({ path: ".", watchChanges: true }), {
    appDirectory: tree.path,
  });

const hasGit = (() => {
  try {
    execFileSync("git", ["--version"]);
    return true;
  } catch {
    return false;
  }
})();

describe("a burst", () => {
  it("of 10,000 files from another program is told in full", async () => {
    const tree = makeTemporaryTree({ "a.md": "" });
    const source = await follow(tree);
    const script = `
      const fs = require("node:fs");
      for (let d = 0; d < 100; d++) {
        fs.mkdirSync("d" + d);
        for (let f = 0; f < 100; f++) fs.writeFileSync("d" + d + "/" + f + ".md", "x");
      }`;
    await run(process.execPath, ["-e", script], { cwd: tree.path });
    await source.until("all is told", () => new Set(source.told).size >= 10_000 || source.missed.length > 0);
    // On a machine that is slow to hand out what happened, the listing is to find the rest.
    if (source.missed.length > 0) expect(await source.list()).toHaveLength(10_001);
    else expect(source.told.length).toBeLessThan(11_000);
    source.told.length = 0;
    tree.write("d99/99.md", "y");
    await source.until("an edit is told", () => source.told.includes("d99/99.md"));
  });

  it("that the system drops a part of is followed by a listing, and leaves all directories watched", async () => {
    const tree = makeTemporaryTree({ "a.md": "", "b.md": "" });
    const source = await follow(tree);
    const descriptors = ["a.md", "b.md"].map((name) => openSync(tree.at(name), "a"));
    // Nothing is handed out until this is over, and so many changes the system does not keep.
    for (let times = 0; times < 20_000; times++)
      for (const descriptor of descriptors) writeSync(descriptor, "x");
    for (const descriptor of descriptors) closeSync(descriptor);
    for (let d = 0; d < 10; d++) tree.write(`d${d}/new.md`, "1");
    await source.until("it is missed", () => source.missed.length > 0);
    expect(source.missedByWatch).toEqual(["more changes came at once than the system may have room for"]);
    expect(await source.list()).toHaveLength(12);
    source.told.length = 0;
    for (let d = 0; d < 10; d++) tree.write(`d${d}/new.md`, "2");
    await source.tells(...Array.from({ length: 10 }, (_, d) => `d${d}/new.md`));
  });

  it("of a checkout of another branch leaves nothing out", async (context) => {
    context.skip(!hasGit, "git is not here");
    const tree = makeTemporaryTree();
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: tree.path });
    git("init", "-q", "-b", "one");
    for (let n = 0; n < 300; n++) tree.write(`d${n % 7}/e${n % 11}/${n}.md`, `one ${n}`);
    git("add", ".");
    git("commit", "-qm", "one");
    git("checkout", "-qb", "two");
    git("mv", "d1", "moved");
    git("rm", "-rq", "d2/e3", "d3");
    for (let n = 100; n < 400; n++) tree.write(`d${n % 9}/e${n % 5}/${n}.md`, `two ${n}`);
    git("add", ".");
    git("commit", "-qm", "two");
    const source = await follow(tree);
    const followed = await FollowedTree.open(source);
    for (const branch of ["one", "two", "one"]) {
      await run("git", ["checkout", "-q", branch], { cwd: tree.path });
      const files = await readFiles(source);
      await source.until(`all of ${branch} is told`, () => followed.isAt(files));
    }
    expect(source.missedByWatch).toEqual([]);
  });
});

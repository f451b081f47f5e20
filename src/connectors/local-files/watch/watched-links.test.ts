import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FollowedSource } from "../../../../test/support/follow-source.ts";
import { makeTemporaryTree, type TemporaryTree } from "../../../../test/support/temporary-tree.ts";
import { LeapingClock } from "../../../../test/worlds/leaping-clock.ts";
import { type LocalTextFilesOptions, localFiles } from "../index.ts";

const follow = (tree: TemporaryTree, options: Partial<LocalTextFilesOptions> = {}, clock?: LeapingClock) =>
  FollowedSource.open<{ content: string }>(localFiles({ path: ".", watchChanges: true, ...options }), {
    appDirectory: tree.path,
    ...(clock && { clock }),
  });

describe.skipIf(process.platform === "win32")("a link to a directory", () => {
  it("has what is in it told under both names", async () => {
    const tree = makeTemporaryTree({ "docs/x/a.md": "1" });
    symlinkSync("docs", tree.at("again"));
    const source = await follow(tree);
    tree.write("docs/x/a.md", "2");
    expect(await source.tells("again/x/a.md", "docs/x/a.md")).toEqual(["again/x/a.md", "docs/x/a.md"]);
    tree.write("docs/new/b.md", "2");
    expect(await source.tells("again/new/b.md", "docs/new/b.md")).toEqual([
      "again/new/b.md",
      "docs/new/b.md",
    ]);
  });

  it("is followed to where it leads now", async () => {
    const tree = makeTemporaryTree({ "v/1/a.md": "1", "v/2/b.md": "1" });
    symlinkSync("v/1", tree.at("current"));
    const source = await follow(tree, { excludedPatterns: ["v"] });
    symlinkSync("v/2", tree.at("next"));
    renameSync(tree.at("next"), tree.at("current"));
    const told = await source.tells("current/a.md", "current/b.md");
    expect(told.filter((name) => name.startsWith("current/"))).toEqual(["current/a.md", "current/b.md"]);
    tree.write("v/1/a.md", "2");
    tree.write("v/2/b.md", "2");
    expect(await source.tells("current/b.md")).toEqual(["current/b.md"]);
  });

  it("that comes to lead somewhere has all told that is there, and all again when that goes", async () => {
    const tree = makeTemporaryTree();
    symlinkSync("docs", tree.at("again"));
    const source = await follow(tree);
    tree.write("docs/a.md", "1");
    expect(await source.tells("again/a.md", "docs/a.md")).toEqual(["again/a.md", "docs/a.md"]);
    tree.write("docs/a.md", "2");
    expect(await source.tells("again/a.md", "docs/a.md")).toEqual(["again/a.md", "docs/a.md"]);
    renameSync(tree.at("docs"), tree.at("moved"));
    const gone = ["again/a.md", "docs/a.md", "moved/a.md"];
    expect(await source.tells(...gone)).toEqual(expect.arrayContaining(gone));
    expect(await source.get("again/a.md")).toBeNull();
  });

  it("is watched anew when another directory is in the place of the one it leads to", async () => {
    const tree = makeTemporaryTree({ "x/docs/a.md": "1", "y/docs/a.md": "1" });
    symlinkSync("x/docs", tree.at("again"));
    const source = await follow(tree, { includedPatterns: ["again/**", "?"] });
    renameSync(tree.at("x"), tree.at("z"));
    renameSync(tree.at("y"), tree.at("x"));
    await source.tells("again/a.md");
    tree.write("x/docs/a.md", "2");
    expect(await source.tells("again/a.md")).toEqual(["again/a.md"]);
  });

  it("that leads back or out is left out", async () => {
    const tree = makeTemporaryTree({ "data/x/a.md": "1", "other/b.md": "1" });
    symlinkSync("..", tree.at("data/x/up"));
    symlinkSync("../other", tree.at("data/out"));
    const source = await follow(tree, { path: "data" });
    symlinkSync(".", tree.at("data/x/self"));
    tree.write("other/b.md", "2");
    tree.write("data/x/a.md", "2");
    const told = await source.tells("x/a.md");
    expect(told.filter((name) => name !== "x/self")).toEqual(["x/a.md"]);
  });
});

it.skipIf(process.platform === "win32")(
  "links are followed anew when what they lead to is replaced by what nothing tells from it",
  async () => {
    const tree = makeTemporaryTree({ ".hidden/x.md": "" });
    symlinkSync("docs", tree.at("again"));
    symlinkSync(".hidden/a.md", tree.at("a.md"));
    const source = await follow(tree, { includedPatterns: ["again/*", "a.md"] }, new LeapingClock());
    const makeAnew = (content: string) => {
      for (const directory of ["docs", ".hidden"]) {
        rmSync(tree.at(directory), { recursive: true, force: true });
        tree.write(`${directory}/a.md`, content);
      }
    };
    for (let times = 0; times < 30; times++) {
      // Twice within one step of the file system's clock, often with the same inode.
      makeAnew("1");
      for (let turn = 0; turn < 1 + (times % 4); turn++)
        await new Promise((resolve) => setImmediate(resolve));
      makeAnew("2");
      await source.settles();
      source.told.length = 0;
      for (const directory of ["docs", ".hidden"]) tree.write(`${directory}/a.md`, "3");
      await source.tells("again/a.md", "a.md");
    }
  },
);

describe.skipIf(process.platform === "win32")("a link to a file", () => {
  it("is told when the file is edited, wherever it is", async () => {
    const tree = makeTemporaryTree({ ".hidden/a.md": "1", "docs/b.md": "1" });
    symlinkSync(".hidden/a.md", tree.at("a.md"));
    symlinkSync("docs/b.md", tree.at("b.md"));
    symlinkSync("../b.md", tree.at("docs/c.md"));
    const source = await follow(tree);
    tree.write(".hidden/a.md", "2");
    expect(await source.tells("a.md")).toEqual(["a.md"]);
    tree.write(".hidden/next", "3");
    renameSync(tree.at(".hidden/next"), tree.at(".hidden/a.md"));
    expect(await source.tells("a.md")).toEqual(["a.md"]);
    tree.write("docs/b.md", "2");
    expect(await source.tells("b.md", "docs/b.md", "docs/c.md")).toEqual(["b.md", "docs/b.md", "docs/c.md"]);
  });

  it("is told when it, or what it leads through, leads elsewhere", async () => {
    // This is how Kubernetes mounts a set of files, so that all change at once.
    const tree = makeTemporaryTree({ "..2024/a.md": "1", "..2025/a.md": "2" });
    symlinkSync("..2024", tree.at("..data"));
    symlinkSync("..data/a.md", tree.at("a.md"));
    const source = await follow(tree);
    symlinkSync("..2025", tree.at("..next"));
    renameSync(tree.at("..next"), tree.at("..data"));
    rmSync(tree.at("..2024"), { recursive: true });
    expect(await source.tells("a.md")).toEqual(["a.md"]);
    expect((await source.get("a.md"))?.value.content).toBe("2");
    tree.write("..2025/a.md", "3");
    expect(await source.tells("a.md")).toEqual(["a.md"]);
    unlinkSync(tree.at("a.md"));
    symlinkSync("nowhere", tree.at("a.md"));
    expect(await source.tells("a.md")).toEqual(["a.md"]);
    tree.write("nowhere", "4");
    expect(await source.tells("a.md", "nowhere")).toEqual(["a.md", "nowhere"]);
  });

  it("is told when a link that it leads to, in a directory that is left out, leads elsewhere", async () => {
    const tree = makeTemporaryTree({ ".v/1.md": "1", ".v/2.md": "2" });
    symlinkSync("1.md", tree.at(".v/current"));
    symlinkSync(".v/current", tree.at("a.md"));
    const source = await follow(tree);
    symlinkSync("2.md", tree.at(".v/next"));
    renameSync(tree.at(".v/next"), tree.at(".v/current"));
    expect(await source.tells("a.md")).toEqual(["a.md"]);
    expect((await source.get("a.md"))?.value.content).toBe("2");
    tree.write(".v/2.md", "3");
    expect(await source.tells("a.md")).toEqual(["a.md"]);
  });

  it("is told when another directory comes to where the file was", async () => {
    const tree = makeTemporaryTree({ ".hidden/x/a.md": "1" });
    symlinkSync(".hidden/x/a.md", tree.at("a.md"));
    const source = await follow(tree);
    renameSync(tree.at(".hidden"), tree.at(".old"));
    tree.write(".hidden/x/a.md", "2");
    await source.until("it is read anew", async () => {
      return source.told.splice(0).includes("a.md") && (await source.get("a.md"))?.value.content === "2";
    });
    tree.write(".hidden/x/a.md", "3");
    expect(await source.tells("a.md")).toEqual(["a.md"]);
    tree.write(".old/x/a.md", "4");
    mkdirSync(tree.at("later"));
    tree.write("later/b.md");
    expect(await source.tells("later/b.md")).toEqual(["later/b.md"]);
  });
});

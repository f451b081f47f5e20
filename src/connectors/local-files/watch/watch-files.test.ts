import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { canBeUnprivileged, whileUnprivileged } from "../../../../test/support/as-unprivileged.ts";
import { FollowedSource } from "../../../../test/support/follow-source.ts";
import { makeTemporaryTree, type TemporaryTree } from "../../../../test/support/temporary-tree.ts";
import { type LocalTextFilesOptions, localFiles } from "../index.ts";

type Text = { content: string };

const follow = (tree: TemporaryTree, options: Partial<LocalTextFilesOptions> = {}) =>
  FollowedSource.open<Text>(localFiles({ path: ".", watchChanges: true, ...options }), {
    appDirectory: tree.path,
  });

describe("a file", () => {
  it("is told when it is made, edited, renamed and deleted, and nothing else is", async () => {
    const tree = makeTemporaryTree({ "a.md": "1", "docs/b.md": "1", "docs/c.md": "1" });
    const source = await follow(tree);
    tree.write("docs/new.md", "1");
    expect(await source.tells("docs/new.md")).toEqual(["docs/new.md"]);
    tree.write("docs/b.md", "2");
    expect(await source.tells("docs/b.md")).toEqual(["docs/b.md"]);
    renameSync(tree.at("a.md"), tree.at("docs/a.md"));
    expect(await source.tells("a.md", "docs/a.md")).toEqual(["a.md", "docs/a.md"]);
    unlinkSync(tree.at("docs/c.md"));
    expect(await source.tells("docs/c.md")).toEqual(["docs/c.md"]);
    expect(source.missed).toEqual([]);
  });

  it("is never said to be deleted, which only reading it can tell", async () => {
    const tree = makeTemporaryTree({ "a.md": "1" });
    const changes: unknown[] = [];
    const source = await FollowedSource.open<Text>(localFiles({ path: ".", watchChanges: true }), {
      appDirectory: tree.path,
      onChange: (change) => void changes.push(change),
    });
    unlinkSync(tree.at("a.md"));
    await source.tells("a.md");
    expect(changes).toEqual([{ key: { filename: "a.md" } }]);
    expect(await source.get("a.md")).toBeNull();
  });

  it("is told though it is gone again, since a listing may have seen it", async () => {
    const tree = makeTemporaryTree({ "a.md": "1" });
    const source = await follow(tree);
    tree.write("b.md", "1");
    unlinkSync(tree.at("b.md"));
    expect(await source.tells("b.md")).toEqual(["b.md"]);
  });

  it("is told when only its times or its mode are others", async () => {
    const tree = makeTemporaryTree({ "a.md": "1" });
    const source = await follow(tree);
    utimesSync(tree.at("a.md"), 1, 1);
    expect(await source.tells("a.md")).toEqual(["a.md"]);
  });

  it("is told where the patterns take it only", async () => {
    const tree = makeTemporaryTree({ "a.md": "", "a.txt": "", "out/b.md": "", ".git/c.md": "" });
    const source = await follow(tree, { includedPatterns: ["**/*.md"], excludedPatterns: ["out"] });
    for (const path of ["a.txt", "out/b.md", ".git/c.md", "out/new/d.md", ".d.md", "new.txt"])
      tree.write(path, "2");
    tree.write("a.md", "2");
    expect(await source.tells("a.md")).toEqual(["a.md"]);
  });

  it("can have a name of any letters", async () => {
    const tree = makeTemporaryTree();
    const source = await follow(tree);
    const names = ["mit leer.md", "ünïcödé/日本.md", "\u{1f600}", "a\nb", "$&"];
    for (const name of names) tree.write(name, "1");
    expect(await source.tells(...names)).toEqual([...names].sort());
  });

  it("is told once for all that is written to it in a moment", async () => {
    const tree = makeTemporaryTree({ "a.md": "", "b.md": "" });
    const source = await follow(tree);
    for (let times = 0; times < 100; times++) appendFileSync(tree.at("a.md"), "x");
    await source.until("it is told", () => source.told.length > 0);
    expect((await source.get("a.md"))?.value.content).toHaveLength(100);
    tree.write("b.md", "2");
    await source.until("the next one is told", () => source.told.includes("b.md"));
    expect(source.told).toEqual(["a.md", "b.md"]);
  });
});

describe("an editor", () => {
  it("that writes beside the file and renames over it changes the file", async () => {
    const tree = makeTemporaryTree({ "a.md": "1" });
    const source = await follow(tree, { includedPatterns: ["**/*.md"] });
    for (const content of ["2", "3"]) {
      writeFileSync(tree.at("a.md.tmp"), content);
      renameSync(tree.at("a.md.tmp"), tree.at("a.md"));
      expect(await source.tells("a.md")).toEqual(["a.md"]);
      expect((await source.get("a.md"))?.value.content).toBe(content);
    }
  });

  it("that moves the file to a backup and writes it anew, as vim does, changes the file", async () => {
    const tree = makeTemporaryTree({ "docs/a.md": "1" });
    const source = await follow(tree);
    tree.write("docs/4913");
    unlinkSync(tree.at("docs/4913"));
    renameSync(tree.at("docs/a.md"), tree.at("docs/a.md~"));
    tree.write("docs/a.md", "2");
    unlinkSync(tree.at("docs/a.md~"));
    const told = await source.tells("docs/a.md");
    expect((await source.get("docs/a.md"))?.value.content).toBe("2");
    for (const other of told.filter((name) => name !== "docs/a.md"))
      expect(await source.get(other)).toBeNull();
  });
});

describe("a directory", () => {
  it("that is made is watched, with all that it has already", async () => {
    const tree = makeTemporaryTree();
    const source = await follow(tree);
    tree.write("x/y/z/a.md", "1");
    tree.write("x/b.md", "1");
    expect(await source.tells("x/y/z/a.md", "x/b.md")).toEqual(["x/b.md", "x/y/z/a.md"]);
    tree.write("x/y/z/a.md", "2");
    tree.write("x/y/c.md", "1");
    expect(await source.tells("x/y/z/a.md", "x/y/c.md")).toEqual(["x/y/c.md", "x/y/z/a.md"]);
  });

  it("that is renamed is told under both names, and watched under the new one", async () => {
    const tree = makeTemporaryTree({ "old/a.md": "1", "old/x/b.md": "1", "c.md": "1" });
    const source = await follow(tree);
    renameSync(tree.at("old"), tree.at("new"));
    const names = ["new/a.md", "new/x/b.md", "old/a.md", "old/x/b.md"];
    expect(await source.tells(...names)).toEqual(names);
    tree.write("new/x/b.md", "2");
    expect(await source.tells("new/x/b.md")).toEqual(["new/x/b.md"]);
    tree.write("old/x/b.md", "3");
    expect(await source.tells("old/x/b.md")).toEqual(["old/x/b.md"]);
  });

  it("that is moved out, and in, is told with all that is in it", async () => {
    const tree = makeTemporaryTree({ "data/in/x/a.md": "1", "data/b.md": "1", "away/y/c.md": "1" });
    const source = await follow(tree, { path: "data" });
    renameSync(tree.at("data/in"), tree.at("gone"));
    expect(await source.tells("in/x/a.md")).toEqual(["in/x/a.md"]);
    renameSync(tree.at("away"), tree.at("data/in"));
    expect(await source.tells("in/y/c.md")).toEqual(["in/y/c.md"]);
    // What was moved out is of no interest any more.
    tree.write("gone/x/a.md", "2");
    tree.write("data/in/y/c.md", "2");
    expect(await source.tells("in/y/c.md")).toEqual(["in/y/c.md"]);
  });

  it("that is replaced by another one of its name is watched anew", async () => {
    const tree = makeTemporaryTree({ "docs/x/a.md": "1", "next/x/b.md": "1" });
    const source = await follow(tree, { excludedPatterns: ["next", "last"] });
    renameSync(tree.at("docs"), tree.at("last"));
    renameSync(tree.at("next"), tree.at("docs"));
    expect(await source.tells("docs/x/a.md", "docs/x/b.md")).toEqual(["docs/x/a.md", "docs/x/b.md"]);
    tree.write("docs/x/b.md", "2");
    expect(await source.tells("docs/x/b.md")).toEqual(["docs/x/b.md"]);
  });

  it("that is deleted is told with all that was in it", async () => {
    const tree = makeTemporaryTree({ "docs/a.md": "1", "docs/x/b.md": "1", "c.md": "" });
    const source = await follow(tree);
    rmSync(tree.at("docs"), { recursive: true });
    expect(await source.tells("docs/a.md", "docs/x/b.md")).toEqual(["docs/a.md", "docs/x/b.md"]);
    mkdirSync(tree.at("docs"));
    tree.write("docs/a.md", "2");
    expect(await source.tells("docs/a.md")).toEqual(["docs/a.md"]);
  });

  it("that may not be read is watched when it may", async (context) => {
    context.skip(!canBeUnprivileged, "permissions bind nobody here");
    const tree = makeTemporaryTree({ "x/a.md": "1", "b.md": "1" });
    chmodSync(tree.path, 0o755);
    chmodSync(tree.at("x"), 0);
    const source = await whileUnprivileged(() => follow(tree));
    expect(source.degraded).toEqual([]);
    tree.write("b.md", "2");
    expect(await source.tells("b.md")).toEqual(["b.md"]);
    chmodSync(tree.at("x"), 0o755);
    expect(await source.tells("x/a.md")).toEqual(["x/a.md"]);
    tree.write("x/a.md", "3");
    expect(await source.tells("x/a.md")).toEqual(["x/a.md"]);
  });

  it("may become a file, and a file a directory", async () => {
    const tree = makeTemporaryTree({ "a/b": "1", c: "1" });
    const source = await follow(tree);
    rmSync(tree.at("a"), { recursive: true });
    tree.write("a", "1");
    unlinkSync(tree.at("c"));
    tree.write("c/d", "1");
    expect(await source.tells("a", "a/b", "c", "c/d")).toEqual(["a", "a/b", "c", "c/d"]);
    tree.write("c/d", "2");
    tree.write("a", "2");
    expect(await source.tells("a", "c/d")).toEqual(["a", "c/d"]);
  });
});

import { mkdirSync, renameSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FollowedSource } from "../../../../test/support/follow-source.ts";
import { makeTemporaryTree, type TemporaryTree } from "../../../../test/support/temporary-tree.ts";
import { localFiles } from "../index.ts";

const inDoubt = "directories came or went while they were listed";

async function follow(files: Readonly<Record<string, string>>) {
  const tree = makeTemporaryTree({ "data/a.md": "1", ...files });
  const source = await FollowedSource.open(localFiles({ path: "data", watchChanges: true }), {
    appDirectory: tree.path,
  });
  return { tree, source };
}

/** What happens in one turn, the listing included, so that nobody looks at a hint meanwhile. */
const edits: readonly (readonly [string, (tree: TemporaryTree) => void, (tree: TemporaryTree) => void])[] = [
  [
    "came, was listed and was moved away",
    (tree) => tree.write("data/c/x.md", "1"),
    (tree) => renameSync(tree.at("data/c"), tree.at("away")),
  ],
  [
    "came, was listed and is a file now",
    (tree) => tree.write("data/c/x.md", "1"),
    (tree) => {
      rmSync(tree.at("data/c"), { recursive: true });
      tree.write("data/c", "1");
    },
  ],
  [
    "came, was listed and is another one now",
    (tree) => tree.write("data/c/x.md", "1"),
    (tree) => {
      rmSync(tree.at("data/c"), { recursive: true });
      mkdirSync(tree.at("data/c"));
    },
  ],
  [
    "took the place of one that was known, and was moved away",
    (tree) => {
      renameSync(tree.at("data/known"), tree.at("former"));
      tree.write("data/known/x.md", "1");
    },
    (tree) => renameSync(tree.at("data/known"), tree.at("away")),
  ],
  [
    "came below one that was then moved away",
    (tree) => tree.write("data/known/c/x.md", "1"),
    (tree) => renameSync(tree.at("data/known"), tree.at("away")),
  ],
];

describe("a directory that nobody had looked at", () => {
  it.each(edits)("%s: the source is listed again", async (_what, before, after) => {
    const { tree, source } = await follow({ "data/known/b.md": "1" });
    before(tree);
    const listed = await source.list();
    after(tree);
    const seen = listed.filter((name) => name.endsWith("/x.md"));
    expect(seen).toHaveLength(1);
    await source.until("it is listed again", () => source.missed.includes(inDoubt));
    expect(source.told).not.toContain(seen[0]);
  });

  it("is doubted only until all hints from before the end of the listing were looked at", async () => {
    const { tree, source } = await follow({ "data/known/b.md": "1" });
    await source.list();
    tree.write("data/a.md", "2");
    await source.tells("a.md");
    renameSync(tree.at("data/known"), tree.at("away"));
    await source.tells("known/b.md");
    tree.write("data/c/x.md", "1");
    await source.tells("c/x.md");
    expect(source.missed).toEqual([]);
  });

  it("is looked at after the next listing anew", async () => {
    const { tree, source } = await follow({});
    for (let times = 1; times <= 3; times++) {
      tree.write("data/c/x.md", "1");
      await source.list();
      rmSync(tree.at("data/c"), { recursive: true });
      await source.until("it is listed again", () => source.missed.length === times);
    }
    expect(source.missed).toEqual([inDoubt, inDoubt, inDoubt]);
  });
});

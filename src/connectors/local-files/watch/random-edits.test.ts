import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { FollowedSource } from "../../../../test/support/follow-source.ts";
import { FollowedTree, readFiles } from "../../../../test/support/followed-tree.ts";
import { makeTemporaryTree, type TemporaryTree } from "../../../../test/support/temporary-tree.ts";
import { localFiles } from "../index.ts";

/** Does something at a path, with another path. */
type Act = (tree: TemporaryTree, path: string, other: string) => void | Promise<void>;

interface Edits {
  /** With how often it is done, in proportion. */
  readonly [kind: string]: readonly [weight: number, act: Act];
}

const edits: Edits = {
  write: [5, (tree, path, other) => tree.write(path, other)],
  save: [
    2,
    (tree, path, other) => {
      tree.write(".saved", other);
      renameSync(tree.at(".saved"), tree.at(path));
    },
  ],
  remove: [2, (tree, path) => rmSync(tree.at(path), { recursive: true, force: true })],
  rename: [
    3,
    (tree, path, other) => {
      mkdirSync(dirname(tree.at(other)), { recursive: true });
      renameSync(tree.at(path), tree.at(other));
    },
  ],
  /** Lets some of what happened be noticed, and not yet the rest. */
  pause: [
    3,
    async (_tree, path) => {
      for (const _ of path) await new Promise((resolve) => setImmediate(resolve));
    },
  ],
};

const link: Edits[string] = [
  3,
  (tree, path, other) => symlinkSync(`${"../".repeat(path.split("/").length - 1)}${other}`, tree.at(path)),
];

type Edit = readonly [kind: string, path: string, other: string];

/** Few names, so that edits meet: a name is a file now and a directory then. */
const path = fc
  .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 })
  .map((names) => names.join("/"));

function someEdits(of: Edits): fc.Arbitrary<Edit[]> {
  const kinds = Object.entries(of).map(([kind, [weight]]) => ({ weight, arbitrary: fc.constant(kind) }));
  const edit = fc.tuple(fc.oneof(...kinds), path, path);
  return fc.array(edit, { minLength: 10, maxLength: 40, size: "max" });
}

/** What cannot be done, such as a file below a file, is left. */
async function apply(tree: TemporaryTree, some: readonly Edit[]): Promise<number> {
  let done = 0;
  for (const [kind, path, other] of some)
    try {
      await { ...edits, link }[kind]![1](tree, path, other);
      done++;
    } catch {}
  return done;
}

async function followTree(tree: TemporaryTree) {
  const use = localFiles({ path: ".", watchChanges: true });
  const source = await FollowedSource.open<{ content: string }>(use, { appDirectory: tree.path });
  const followed = await FollowedTree.open(source);
  return {
    source,
    async isFollowed(): Promise<void> {
      const files = await readFiles(source);
      await source.until(
        "all is followed",
        () => followed.isAt(files),
        () => followed.describe(files),
      );
    },
  };
}

// Each run goes on from where the one before left the tree, so that a smaller one would not fail alike.
const endOnFailure = true;

it("whatever is edited, who reads what is told of knows every file in the end", async () => {
  const tree = makeTemporaryTree({ "a/b/c": "1", "b/a": "1", c: "1" });
  const { source, isFollowed } = await followTree(tree);
  let done = 0;
  const followsAll = fc.asyncProperty(someEdits(edits), async (some) => {
    done += await apply(tree, some);
    await isFollowed();
  });
  await fc.assert(followsAll, { numRuns: 60, endOnFailure });
  expect(source.missedByWatch).toEqual([]);
  expect(done).toBeGreaterThan(200);
});

// What links lead to for less time than it takes to look is noticed by the next listing only.
it("whatever is edited among links, who reads what is told of knows every file after each edit", async () => {
  const tree = makeTemporaryTree({ "a/b/c": "1", "b/a": "1", c: "1" });
  const { source, isFollowed } = await followTree(tree);
  let done = 0;
  const followsEach = fc.asyncProperty(someEdits({ ...edits, link }), async (some) => {
    for (const edit of some)
      if ((await apply(tree, [edit])) > 0) {
        await isFollowed();
        done++;
      }
  });
  await fc.assert(followsEach, { numRuns: 8, endOnFailure });
  expect(source.missedByWatch).toEqual([]);
  expect(done).toBeGreaterThan(10);
});

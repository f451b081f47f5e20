import { renameSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { makeTemporaryTree } from "../support/temporary-tree.ts";
import { canHaveNamespace, WatchChild } from "./own-namespace.ts";

beforeEach((context) => {
  context.skip(!canHaveNamespace, "no process may have limits of its own here");
});

const files = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`d${n}/a.md`, "1"]));

describe("more directories than may be watched", () => {
  it("are watched as far as possible, which is said, and all when that has become possible", async () => {
    const tree = makeTemporaryTree(files(30));
    const child = new WatchChild(tree.path, "echo 20 > /proc/sys/user/max_inotify_watches");
    const { reason } = await child.next("degraded");
    expect(reason).toEqual({
      code: "watch-degraded",
      message: expect.stringMatching(/^11 of 31 directories of ".*" are not watched: .*\(ENOSPC\)$/),
      hint: expect.stringMatching(/sysctl fs\.inotify\.max_user_watches=\d+/),
    });
    await child.next("armed");
    expect(child.kinds.indexOf("degraded")).toBeLessThan(child.kinds.indexOf("armed"));
    for (let n = 0; n < 30; n++) tree.write(`d${n}/a.md`, "2");
    const told = new Set<string>();
    while (told.size < 19) told.add((await child.next("told")).filename);
    await child.run("echo 31 > /proc/sys/user/max_inotify_watches");
    await child.next("missed", ({ reason }) => /can be watched/.test(reason));
    expect(await child.next("degraded")).toMatchObject({ reason: null });
    expect(child.takeTold().filter((filename) => !told.has(filename))).toEqual([]);
    for (let n = 0; n < 30; n++) tree.write(`d${n}/a.md`, "3");
    for (let n = 0; n < 30; n++) await child.next("told", ({ filename }) => filename === `d${n}/a.md`);
    await child.end();
    expect(await child.next("ended")).toEqual({ kind: "ended", error: null });
  });

  it("may come later", async () => {
    const coming = Array.from({ length: 5 }, (_, n) => `d${n}`);
    const tree = makeTemporaryTree({ "watched/a.md": "1" });
    for (const name of coming) tree.write(`made/${name}/a.md`, "1");
    // In real time: else the tree is made anew all the time, and what is found so is left to a listing, and not told.
    const limit = "echo 3 > /proc/sys/user/max_inotify_watches";
    const child = new WatchChild(tree.at("watched"), limit, "real");
    await child.next("armed");
    // Each with its file, which nothing would tell of if it came later.
    for (const name of coming) renameSync(tree.at(`made/${name}`), tree.at(`watched/${name}`));
    expect((await child.next("degraded")).reason?.message).toMatch(/^\d of \d directories/);
    // What is in those that are not watched was seen when they came.
    for (const name of coming) await child.next("told", ({ filename }) => filename === `${name}/a.md`);
    tree.write("watched/a.md", "2");
    await child.next("told", ({ filename }) => filename === "a.md");
  });
});

it("a system that allows no watcher at all leaves everything to listings", async () => {
  const tree = makeTemporaryTree(files(2));
  const child = new WatchChild(tree.path, "echo 0 > /proc/sys/user/max_inotify_instances");
  const { reason } = await child.next("degraded");
  expect(reason?.message).toMatch(/^3 of 3 directories of ".*" are not watched: .*\(EMFILE\)$/);
  expect(reason?.hint).toMatch(/max_user_instances/);
  await child.next("armed");
  await child.run("echo 10 > /proc/sys/user/max_inotify_instances");
  expect(await child.next("degraded")).toMatchObject({ reason: null });
  tree.write("d0/a.md", "2");
  await child.next("told", ({ filename }) => filename === "d0/a.md");
});

it("a volume that is unmounted takes no row with it, and one that is mounted is watched", async () => {
  const tree = makeTemporaryTree({ "volume/below.md": "1" });
  const volume = tree.at("volume");
  const mount = `mount -t tmpfs none '${volume}' && mkdir '${volume}/x' && touch '${volume}/a.md' '${volume}/x/b.md'`;
  const child = new WatchChild(volume, mount);
  await child.next("armed");
  await child.run(`echo 2 > '${volume}/x/b.md'`);
  await child.next("told", ({ filename }) => filename === "x/b.md");
  await child.run(`umount '${volume}'`);
  await child.next("missed", ({ reason }) => reason === "another directory is in its place");
  expect(child.takeTold()).toEqual([]);
  await child.run(mount);
  await child.next("missed", ({ reason }) => reason === "another directory is in its place");
  expect(child.takeTold()).toEqual([]);
  await child.run(`echo 3 > '${volume}/x/b.md'`);
  await child.next("told", ({ filename }) => filename === "x/b.md");
});

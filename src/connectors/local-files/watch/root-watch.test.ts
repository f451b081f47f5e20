import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FollowedSource } from "../../../../test/support/follow-source.ts";
import { makeTemporaryTree, type TemporaryTree } from "../../../../test/support/temporary-tree.ts";
import { LeapingClock } from "../../../../test/worlds/leaping-clock.ts";
import { localFiles } from "../index.ts";

const follow = (tree: TemporaryTree, path: string, clock?: LeapingClock) =>
  FollowedSource.open(localFiles({ path, watchChanges: true }), {
    appDirectory: tree.path,
    ...(clock && { clock }),
  });

const wentAway = "the directory went away";
const isThere = "the directory is there";
/** A listing for no reason but caution. */
const isTime = null;
const isAnother = "another directory is in its place";

describe("a root", () => {
  it("that is moved away and back loses no row, and is watched again", async () => {
    const tree = makeTemporaryTree({ "data/a.md": "1", "data/x/b.md": "1" });
    const source = await follow(tree, "data");
    await source.list();
    renameSync(tree.at("data"), tree.at("away"));
    await source.until("it is missed", () => source.missed.includes(wentAway));
    tree.write("away/x/b.md", "2");
    renameSync(tree.at("away"), tree.at("data"));
    await source.until("it is back", () => source.missed.includes(isThere));
    expect(source.told).toEqual([]);
    tree.write("data/x/b.md", "3");
    expect(await source.tells("x/b.md")).toEqual(["x/b.md"]);
    expect(source.missedByWatch).toEqual([wentAway, isThere]);
  });

  it("that is deleted takes no row with it, and is watched when it is made again", async () => {
    const tree = makeTemporaryTree({ "data/a.md": "1", "data/x/b.md": "1" });
    const source = await follow(tree, "data");
    await source.list();
    rmSync(tree.at("data"), { recursive: true });
    await source.until("it is missed", () => source.missed.includes(wentAway));
    mkdirSync(tree.at("data"));
    await source.until("it is back", () => source.missed.includes(isThere));
    expect(source.told).toEqual([]);
    await source.list();
    tree.write("data/x/c.md", "1");
    expect(await source.tells("x/c.md")).toEqual(["x/c.md"]);
  });

  it("that is deleted and made again at once is watched anew, though nothing tells the two apart", async () => {
    const tree = makeTemporaryTree({ "data/a.md": "1" });
    const source = await follow(tree, "data", new LeapingClock());
    for (let times = 0; times < 20; times++) {
      source.missed.length = 0;
      // Within one step of the file system's clock, often with the same inode.
      rmSync(tree.at("data"), { recursive: true });
      mkdirSync(tree.at("data"));
      await source.until("it is missed", () => source.missed.length > 0);
      source.told.length = 0;
      await source.list();
      tree.write("data/a.md", "2");
      await source.until("it is told", () => source.told.includes("a.md"));
    }
  });

  it("that goes with the directory it is in is noticed, though nothing befalls itself", async () => {
    const tree = makeTemporaryTree({ "mount/data/a.md": "1" });
    const source = await follow(tree, "mount/data");
    tree.write("mount/data/a.md", "2");
    renameSync(tree.at("mount"), tree.at("away"));
    await source.until("it is missed", () => source.missed.includes(wentAway));
    expect(source.told).toEqual([]);
    renameSync(tree.at("away"), tree.at("mount"));
    await source.until("it is back", () => source.missed.includes(isThere));
    tree.write("mount/data/a.md", "3");
    expect(await source.tells("a.md")).toEqual(["a.md"]);
  });

  it.each([
    ["data", "by itself"],
    ["mount", "with the directory it is in"],
  ])("that is away for a moment loses no change that was told then: %s", async (moved) => {
    const tree = makeTemporaryTree({ "data/data/a.md": "1", "mount/data/a.md": "1" });
    const path = moved === "data" ? "data/data" : "mount/data";
    const at = moved === "data" ? path : "mount";
    const source = await follow(tree, path, new LeapingClock());
    await source.list();
    for (let times = 0; times < 20; times++) {
      source.missed.length = 0;
      tree.write(`${path}/a.md`, `${times}`);
      renameSync(tree.at(at), tree.at("away"));
      for (let turn = 0; turn < times * 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      renameSync(tree.at("away"), tree.at(at));
      await source.until("the change is not lost", () => {
        return source.told.length > 0 || source.missed.some((reason) => ![wentAway, isTime].includes(reason));
      });
      source.told.length = 0;
      await source.list();
    }
  });

  it("that is a link is followed to where it leads now", async () => {
    const tree = makeTemporaryTree({ "v1/a.md": "1", "v2/a.md": "1" });
    symlinkSync("v1", tree.at("current"));
    const source = await follow(tree, "current");
    await source.list();
    symlinkSync("v2", tree.at("next"));
    renameSync(tree.at("next"), tree.at("current"));
    await source.until("it is missed", () => source.missed.includes(isAnother));
    await source.list();
    tree.write("v1/a.md", "2");
    tree.write("v2/b.md", "2");
    expect(await source.tells("b.md")).toEqual(["b.md"]);
    unlinkSync(tree.at("current"));
    await source.until("it is missed", () => source.missed.includes(wentAway));
  });

  it("that is another one than was listed has nothing told of it until it is listed", async () => {
    const tree = makeTemporaryTree({ "v1/a.md": "1", "v2/a.md": "1" });
    symlinkSync("v1", tree.at("current"));
    const source = await follow(tree, "current", new LeapingClock());
    await source.list();
    unlinkSync(tree.at("current"));
    symlinkSync("v2", tree.at("current"));
    await source.until("it is missed", () => source.missed.includes(isAnother));
    await expect(source.get("a.md")).rejects.toThrow(/went away/);
    tree.write("v2/a.md", "2");
    await source.settles();
    expect(source.told).toEqual([]);
    await source.list();
    tree.write("v2/b.md", "2");
    expect(await source.tells("b.md")).toEqual(["b.md"]);
  });

  it("that is moved away and back in no time is listed, since it may have been missed meanwhile", async () => {
    const tree = makeTemporaryTree({ "data/a.md": "1" });
    const source = await follow(tree, "data");
    renameSync(tree.at("data"), tree.at("away"));
    renameSync(tree.at("away"), tree.at("data"));
    await source.until("it is missed", () => source.missed.length > 0);
    expect(source.missedByWatch).toEqual(["something befell the directory itself"]);
    tree.write("data/a.md", "2");
    expect(await source.tells("a.md")).toEqual(["a.md"]);
  });

  it("may be missing at first", async () => {
    const tree = makeTemporaryTree();
    const source = await follow(tree, "data");
    expect(source).toMatchObject({ armed: 1, missed: [], end: null });
    tree.write("data/x/a.md", "1");
    await source.until("it is there", () => source.missed.includes(isThere));
    tree.write("data/x/a.md", "2");
    expect(await source.tells("x/a.md")).toEqual(["x/a.md"]);
  });
});

describe("a watch", () => {
  it("has everything listed now and then, lest anything was lost", async () => {
    const tree = makeTemporaryTree({ "a.md": "1" });
    const clock = new LeapingClock(0);
    const source = await follow(tree, ".", clock);
    await source.until("it is listed", () => source.missed.length >= 2);
    expect(source.missed.slice(0, 2)).toEqual([isTime, isTime]);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(600_000);
    expect(source.armed).toBe(1);
    source.told.length = 0;
    tree.write("a.md", "2");
    expect(await source.tells("a.md")).toEqual(["a.md"]);
  });
});

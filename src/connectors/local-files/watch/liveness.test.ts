import { type FSWatcher, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FollowedSource } from "../../../../test/support/follow-source.ts";
import { sourceContext } from "../../../../test/support/source-context.ts";
import { makeTemporaryTree, type TemporaryTree } from "../../../../test/support/temporary-tree.ts";
import { LeapingClock } from "../../../../test/worlds/leaping-clock.ts";
import { deferred } from "../../../kernel/deferred.ts";
import { localFiles } from "../index.ts";

const files = { "a.md": "1", "x/b.md": "1", "x/y/c.md": "1" };

const follow = (tree: TemporaryTree, clock?: LeapingClock) =>
  FollowedSource.open(localFiles({ path: ".", watchChanges: true }), {
    appDirectory: tree.path,
    ...(clock && { clock }),
  });

/** The watchers that this process has, as Node knows them. */
function watchers(): FSWatcher[] {
  const process_ = process as unknown as { _getActiveHandles(): object[] };
  return process_
    ._getActiveHandles()
    .filter((handle) => handle.constructor.name === "FSWatcher") as FSWatcher[];
}

const countHandles = () => process.getActiveResourcesInfo().filter((name) => name === "FSEventWrap").length;

/** Handles are closed a turn after their watchers. */
async function allHandlesAreClosed(): Promise<void> {
  const giveUpAt = performance.now() + 5_000;
  while (countHandles() > 0 && performance.now() < giveUpAt)
    await new Promise((resolve) => setImmediate(resolve));
  expect(countHandles()).toBe(0);
}

describe("a watcher of the system", () => {
  it("whose handle is killed ends the watch within three signs of life", async () => {
    const clock = new LeapingClock(0);
    const source = await follow(makeTemporaryTree(files), clock);
    await source.until("it is alive", () => source.signsOfLife > 1);
    const killedAt = clock.monotonic();
    (watchers()[1] as unknown as { _handle: { close(): void } })._handle.close();
    await source.until("it ends", () => source.end !== null);
    expect(source.end?.error).toMatchObject({
      code: "watch-failed",
      message: expect.stringMatching(/^the watch of "\." ended: the handle of ".*" is gone$/),
    });
    expect(clock.monotonic() - killedAt).toBeLessThan(30_000);
  });

  it.each<[string, string, (watcher: FSWatcher) => void]>([
    ["fails", "out of order", (watcher) => watcher.emit("error", new Error("out of order"))],
    ["is closed by another", "it was closed", (watcher) => watcher.close()],
  ])("that %s ends the watch at once", async (_, why, end) => {
    const source = await follow(makeTemporaryTree(files));
    end(watchers()[1]!);
    await source.until("it ends", () => source.end !== null);
    expect(source.end?.error).toMatchObject({ message: `the watch of "." ended: ${why}` });
    expect(source.signsOfLife).toBe(0);
  });
});

describe("a watch", () => {
  it("gives signs of life while nothing happens", async () => {
    const clock = new LeapingClock(0);
    const source = await follow(makeTemporaryTree(files), clock);
    await source.until("it is alive", () => source.signsOfLife >= 20);
    expect(clock.monotonic() / source.signsOfLife).toBeLessThan(11_000);
    expect(source).toMatchObject({ told: [], end: null });
  });

  it("leaves no handle behind when it is stopped", async () => {
    await allHandlesAreClosed();
    const tree = makeTemporaryTree({ ...files, ".hidden/d.md": "1" });
    symlinkSync(".hidden/d.md", tree.at("d.md"));
    const source = await follow(tree);
    expect(countHandles()).toBe(4);
    await source.stop();
    expect(source.end).toEqual({ error: undefined });
    await allHandlesAreClosed();
  });

  it("leaves no handle behind when who takes changes is never done", async () => {
    const tree = makeTemporaryTree(files);
    const { definition, spec } = localFiles({ path: ".", watchChanges: true });
    const connection = definition.create(spec, sourceContext(tree.path, new LeapingClock()));
    const stop = new AbortController();
    const armed = deferred<void>();
    const nothing = { alive: () => {}, missed: () => {}, degraded: () => {} };
    const changes = definition.watch!(connection, { signal: stop.signal, armed: armed.resolve, ...nothing });
    const iterator = changes[Symbol.asyncIterator]();
    const first = iterator.next();
    await armed.promise;
    tree.write("a.md", "2");
    expect(await first).toMatchObject({ done: false });
    stop.abort();
    await allHandlesAreClosed();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it("that is given up, without a word to its signal, leaves no handle behind", async () => {
    const tree = makeTemporaryTree(files);
    const { definition, spec } = localFiles({ path: ".", watchChanges: true });
    const connection = definition.create(spec, sourceContext(tree.path, new LeapingClock()));
    const nothing = { armed: () => {}, alive: () => {}, missed: () => {}, degraded: () => {} };
    const edits = setInterval(() => tree.write("a.md", "2"), 5);
    for await (const _ of definition.watch!(connection, { signal: new AbortController().signal, ...nothing }))
      break;
    clearInterval(edits);
    await allHandlesAreClosed();
  });

  it("merges what comes while nobody takes it, watches new directories all the same, and stays alive", async () => {
    const tree = makeTemporaryTree(files);
    const release = deferred<void>();
    const source: FollowedSource<unknown> = await FollowedSource.open(
      localFiles({ path: ".", watchChanges: true }),
      { appDirectory: tree.path, clock: new LeapingClock(), onChange: () => release.promise },
    );
    tree.write("a.md", "2");
    await source.settles();
    for (let times = 0; times < 20; times++) {
      for (const path of ["x/b.md", "x/y/c.md", "new/d.md"]) tree.write(path, `${times}`);
      await source.settles();
    }
    expect(source.told).toEqual([]);
    release.resolve();
    await source.until("all is told", () => source.told.length >= 4);
    expect([...source.told].sort()).toEqual(["a.md", "new/d.md", "x/b.md", "x/y/c.md"]);
  });
});

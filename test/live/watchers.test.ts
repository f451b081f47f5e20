import { describe, expect, test } from "vitest";
import { SluiceError } from "../../src/index.ts";
import { until } from "../worlds/until.ts";
import { useLive } from "../worlds/use-live.ts";

const live = useLive();

/** Set up and begun, but not waited for. */
async function begin(shape: Parameters<typeof live.define>[0] = {}) {
  const flow = live.define(shape);
  await flow.setup();
  const updater = live.updater(flow);
  await updater.start();
  await live.clock.rest();
  return updater;
}

const watcherOf = (updater: Awaited<ReturnType<typeof begin>>) =>
  updater.updateStats().sources.pages!.watcher!;

describe("arming", () => {
  test("comes before the first listing, so that nothing falls between", async () => {
    live.feed.arms = false;
    live.notebook.write("a", "one");
    const updater = await begin();
    expect([live.listings, live.rows()]).toEqual([[], {}]);
    expect(updater.updateStats()).toMatchObject({
      state: "updating",
      sources: { pages: { state: "starting", watcher: { state: "arming" } } },
    });
    live.feed.onListing = () => {
      live.feed.onListing = () => {};
      live.edit("a", "changed while it is listed");
      live.edit("b", "new while it is listed");
    };
    live.feed.watching[0]!.options.armed();
    await live.untilFresh();
    await until(() => updater.updateStats().state === "following");
    expect(live.listings).toEqual(["start"]);
    expect(watcherOf(updater)).toMatchObject({ state: "watching", restarts: 0, error: null });
  });

  test("that never comes keeps the source from being listed for a minute, and it is listed now and then", async () => {
    live.feed.arms = false;
    live.notebook.write("a", "one");
    const updater = await begin();
    await live.clock.pass(59_999);
    expect(live.listings).toEqual([]);
    await live.clock.pass(1);
    await live.untilFresh();
    expect(live.listings).toEqual(["start"]);
    live.notebook.write("a", "two");
    await live.clock.pass(30_000);
    expect([live.listings, live.rows()]).toEqual([["start", "missed"], { a: "TWO" }]);
    expect(watcherOf(updater)).toMatchObject({ state: "arming" });
  });

  test("that comes late has the source listed once more", async () => {
    live.feed.arms = false;
    await begin();
    await live.clock.pass(60_000);
    live.notebook.write("a", "untold");
    live.feed.watching[0]!.options.armed();
    live.feed.watching[0]!.options.armed();
    await live.untilFresh();
    await live.clock.pass(300_000);
    expect(live.listings).toEqual(["start", "restart"]);
    expect(live.heard("watch-armed")).toHaveLength(1);
  });

  test("that fails has the source listed at once, and again when it is armed", async () => {
    live.feed.arms = false;
    live.notebook.write("a", "one");
    const updater = await begin();
    live.feed.watching[0]!.fail(new Error("no watches left"));
    await live.untilFresh();
    await until(() => updater.updateStats().state === "following");
    expect(live.listings).toEqual(["start"]);
    expect(watcherOf(updater)).toMatchObject({ state: "waiting", error: { message: "no watches left" } });
    live.feed.arms = true;
    live.notebook.write("b", "untold");
    await live.clock.pass(500);
    await live.untilFresh();
    expect(live.listings).toEqual(["start", "restart"]);
    expect(watcherOf(updater)).toMatchObject({ state: "watching", restarts: 1, error: null });
  });

  test("need not come first for a source that says what it missed: the first listing tries all rows", async () => {
    live.feed.arms = false;
    await begin();
    live.feed.watching[0]!.options.missed("began late");
    live.feed.watching[0]!.options.armed();
    await live.clock.rest();
    expect(live.listings).toEqual(["start"]);
  });
});

describe("a refresh interval", () => {
  test("has the source listed so often", async () => {
    const updater = await live.follow(live.define({ watched: false, refreshInterval: "5s" }));
    expect(updater.updateStats().sources.pages).toMatchObject({
      state: "following",
      watcher: null,
      refreshIntervalMs: 5_000,
    });
    live.notebook.write("a", "one");
    await live.clock.pass(4_999);
    expect(live.listings).toEqual(["start"]);
    await live.clock.pass(1);
    await live.untilFresh();
    await live.clock.pass(15_000);
    expect(live.listings).toEqual(["start", "refresh", "refresh", "refresh", "refresh"]);
    expect(updater.updateStats().sources.pages).toMatchObject({ listings: 5, overruns: 0 });
  });

  test("never has it listed while it is listed: an overrun is told, and the times that passed are left out", async () => {
    live.notebook.write("a", "one");
    const updater = await live.follow(live.define({ watched: false, refreshInterval: "5s" }));
    live.feed.beforeListing = () => live.clock.sleep(12_000);
    await live.clock.pass(5_000);
    live.feed.beforeListing = null;
    expect(live.listings).toEqual(["start", "refresh"]);
    await live.clock.pass(11_999);
    expect([live.listings, live.heard("refresh-overrun")]).toEqual([["start", "refresh"], []]);
    await live.clock.pass(1);
    expect(live.heard("refresh-overrun")).toMatchObject([
      { source: "pages", tookMs: 12_000, intervalMs: 5_000 },
    ]);
    // It began at 5 s and took until 17 s: the next is at 20 s.
    await live.clock.pass(2_999);
    expect(live.listings).toEqual(["start", "refresh"]);
    await live.clock.pass(1);
    expect(live.listings).toEqual(["start", "refresh", "refresh"]);
    expect(updater.updateStats().sources.pages).toMatchObject({ overruns: 1 });
  });

  test("counts from the last listing, whatever that was for", async () => {
    const flow = live.define({ watched: false, refreshInterval: "10s" });
    await live.follow(flow);
    await live.clock.pass(6_000);
    await flow.update();
    await live.clock.pass(9_999);
    expect(live.listings).toEqual(["start", "asked"]);
    await live.clock.pass(1);
    expect(live.listings).toEqual(["start", "asked", "refresh"]);
  });
});

describe("a watcher that says", () => {
  test("that it missed changes has the source listed", async () => {
    await live.follow(live.define());
    live.notebook.write("a", "untold");
    live.feed.watching[0]!.options.missed("the queue ran over");
    await live.untilFresh();
    expect(live.listings).toEqual(["start", "missed"]);
    expect(live.heard("changes-missed")).toMatchObject([{ source: "pages", reason: "the queue ran over" }]);
  });

  test("that it is degraded has it listed every half a minute, and once more when it is so no more", async () => {
    const updater = await live.follow(live.define());
    const { degraded } = live.feed.watching[0]!.options;
    degraded(new Error("too many directories"));
    expect(watcherOf(updater)).toMatchObject({
      state: "degraded",
      error: { code: "watch-degraded", message: "too many directories" },
    });
    await live.clock.pass(90_000);
    expect(live.listings).toEqual(["start", "missed", "missed", "missed"]);
    degraded(null);
    expect(watcherOf(updater)).toMatchObject({ state: "watching", error: null });
    await live.clock.pass(300_000);
    expect(live.listings).toEqual(["start", "missed", "missed", "missed", "missed"]);
    expect(live.heard("watch-degraded")).toMatchObject([
      { error: { code: "watch-degraded" } },
      { error: null },
    ]);
  });

  test("so again and again puts no listing off", async () => {
    await live.follow(live.define());
    for (let at = 0; at < 12; at++) {
      live.feed.watching[0]!.options.degraded(new Error("still too many"));
      await live.clock.pass(10_000);
    }
    expect(live.listings).toEqual(["start", "missed", "missed", "missed", "missed"]);
  });

  test("so does not have it listed less often than its interval", async () => {
    await live.follow(live.define({ refreshInterval: "10s" }));
    live.feed.watching[0]!.options.degraded(new Error("too many"));
    await live.clock.pass(30_000);
    expect(live.listings).toEqual(["start", "refresh", "refresh", "refresh"]);
  });
});

describe("a watcher that", () => {
  test.each([
    ["throws", "watch-failed", "gone", () => live.feed.watching[0]!.fail(new Error("gone"))],
    ["ends", "watch-failed", "the watcher ended by itself", () => live.feed.watching[0]!.finish()],
    [
      "throws an error of Sluice",
      "watch-failed",
      "broken",
      () => live.feed.watching[0]!.fail(new SluiceError("watch-failed", "broken")),
    ],
  ])("%s is started again, and the source is listed", async (_what, code, message, end) => {
    const updater = await live.follow(live.define());
    end();
    await until(() => watcherOf(updater).state === "waiting");
    expect(watcherOf(updater)).toMatchObject({ restarts: 0, error: { code, message } });
    expect(live.heard("watch-ended")).toMatchObject([
      { source: "pages", error: { code, message, where: { flow: "Live", source: "pages" } } },
    ]);
    const { restartMs } = live.heard("watch-ended")[0]!;
    expect(restartMs).toBeGreaterThanOrEqual(250);
    expect(restartMs).toBeLessThanOrEqual(500);
    live.notebook.write("a", "while nobody watched");
    await live.clock.pass(restartMs - 1);
    expect(live.feed.starts).toBe(1);
    await live.clock.pass(1);
    await live.untilFresh();
    expect(live.listings).toEqual(["start", "restart"]);
    expect(watcherOf(updater)).toMatchObject({ state: "watching", restarts: 1, error: null });
    live.edit("b", "told again");
    await live.untilFresh();
    expect(live.feed.starts).toBe(2);
  });

  test("dies again and again is waited for longer and longer, up to a minute", async () => {
    const updater = await live.follow(live.define());
    for (let round = 0; round < 10; round++) {
      live.feed.watching[0]!.fail(new Error("again"));
      await live.clock.rest();
      await live.clock.pass(live.heard("watch-ended").at(-1)!.restartMs);
    }
    const waits = live.heard("watch-ended").map(({ restartMs }) => restartMs);
    for (const [at, wait] of waits.entries()) {
      const longest = Math.min(60_000, 500 * 2 ** at);
      expect(wait).toBeGreaterThanOrEqual(longest / 2);
      expect(wait).toBeLessThanOrEqual(longest);
    }
    expect(watcherOf(updater).restarts).toBe(10);
    // One that worked for a while is taken for sound.
    await live.clock.pass(60_001);
    live.feed.watching[0]!.fail(new Error("again"));
    await live.clock.rest();
    expect(live.heard("watch-ended").at(-1)!.restartMs).toBeLessThanOrEqual(500);
  });

  test("is silent for longer than its heartbeat is given up", async () => {
    const updater = await live.follow(live.define({ heartbeat: "20s" }));
    await live.clock.pass(19_999);
    expect(live.heard("watch-ended")).toEqual([]);
    await live.clock.pass(1);
    expect(live.heard("watch-ended")).toMatchObject([{ error: { code: "watch-silent" } }]);
    await live.clock.pass(500);
    expect(live.listings).toEqual(["start", "restart"]);
    expect(watcherOf(updater)).toMatchObject({ state: "watching", restarts: 1 });
  });

  test("never arms and gives no sign of life is given up, too", async () => {
    live.feed.arms = false;
    await begin({ heartbeat: "20s" });
    await live.clock.pass(20_000);
    expect(live.heard("watch-ended")).toMatchObject([{ error: { code: "watch-silent" } }]);
    expect(live.listings).toEqual(["start"]);
  });

  test.each([
    ["says that it is alive", () => live.feed.watching[0]!.options.alive()],
    ["yields nothing", () => live.feed.tell()],
    ["yields something", () => live.feed.touch("a")],
  ])("%s in time is kept", async (_what, sign) => {
    const updater = await live.follow(live.define({ heartbeat: "20s" }));
    for (let at = 0; at < 10; at++) {
      await live.clock.pass(19_999);
      sign();
      await live.clock.rest();
      expect(watcherOf(updater).lastSignAt).toBe(live.clock.now());
    }
    expect([live.feed.starts, live.heard("watch-ended")]).toEqual([1, []]);
  });

  test("was given up is heard no more", async () => {
    const updater = await live.follow(live.define({ heartbeat: "20s" }));
    const { options } = live.feed.watching[0]!;
    await live.clock.pass(20_000);
    await live.clock.pass(500);
    expect(live.feed.watching).toHaveLength(1);
    expect(options.signal.aborted).toBe(true);
    options.degraded(new Error("late"));
    options.missed("late");
    options.armed();
    options.alive();
    await live.clock.rest();
    expect(live.listings).toEqual(["start", "restart"]);
    expect([live.heard("watch-degraded"), live.heard("changes-missed")]).toEqual([[], []]);
    expect(watcherOf(updater).state).toBe("watching");
    // Nor does its late sign of life keep the one after it.
    await live.clock.pass(19_000);
    options.alive();
    await live.clock.pass(1_000);
    expect(live.heard("watch-ended")).toHaveLength(2);
  });

  test("tells of a key that does not fit is started again, and what it told before is not lost", async () => {
    const updater = await live.follow(live.define());
    live.notebook.write("a", "one");
    live.feed.tell({ key: { id: "a" } }, { key: { id: 7 as unknown as string } });
    await until(() => watcherOf(updater).state === "waiting");
    await live.clock.pass(500);
    await live.untilFresh();
    expect(live.listings).toEqual(["start", "restart"]);
    live.edit("a", "two");
    await live.untilFresh();
  });
});

test("a source that cannot be listed is listed again after growing waits, until it can", async () => {
  live.notebook.write("a", "one");
  live.notebook.listingError = new Error("down");
  const updater = await begin();
  expect(updater.updateStats().sources.pages).toMatchObject({
    state: "retrying",
    error: { message: "down" },
  });
  live.edit("b", "told meanwhile");
  await live.untilFresh();
  await live.clock.pass(1_000);
  await live.clock.pass(2_000);
  expect(live.listings).toEqual(["start", "retry", "retry"]);
  live.notebook.listingError = null;
  live.notebook.remove("a");
  await live.clock.pass(4_000);
  await live.untilFresh();
  expect(updater.updateStats().sources.pages).toMatchObject({ state: "following", error: null });
  await live.clock.pass(300_000);
  expect(live.listings).toEqual(["start", "retry", "retry", "retry"]);
});

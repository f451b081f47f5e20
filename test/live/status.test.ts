import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { configure, SluiceError } from "../../src/index.ts";
import { deferred } from "../../src/kernel/deferred.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { failingStore } from "../worlds/failing-store.ts";
import { interceptWrites } from "../worlds/intercept-writes.ts";
import { textFunction } from "../worlds/text-function.ts";
import { until } from "../worlds/until.ts";
import { useLive } from "../worlds/use-live.ts";

const live = useLive();

/** A function whose calls wait until they may go on. */
function gated() {
  const gate = deferred<void>();
  const through = textFunction("gated", async (text) => {
    await gate.promise;
    return text.toUpperCase();
  });
  return { gate, through };
}

/** Nothing waits, watches or listens any more. */
function expectNothingLeft(signal?: AbortSignal): void {
  expect(live.clock.sleepers).toBe(0);
  expect(live.feed.watching).toEqual([]);
  expect(live.feed.open).toBe(0);
  if (signal) expect(getEventListeners(signal, "abort")).toEqual([]);
}

describe("statuses", () => {
  test("merge what happens in a burst", async () => {
    const updater = await live.follow(live.define());
    const first = updater.nextStatusUpdates();
    await live.clock.pass(50);
    expect(await first).toEqual({ activeSources: ["pages"], updatedSources: ["pages"] });
    let answers = 0;
    const next = updater.nextStatusUpdates().finally(() => answers++);
    for (let at = 0; at < 100; at++) live.edit(`p${at}`, "text");
    await live.untilFresh();
    expect(answers).toBe(0);
    await live.clock.pass(50);
    expect(await next).toEqual({ activeSources: ["pages"], updatedSources: ["pages"] });
    void updater.nextStatusUpdates().finally(() => answers++);
    await live.clock.pass(60_000);
    expect(answers).toBe(1);
  });

  test("tell of the first listing, even of an empty source, and of rows that go", async () => {
    live.world.write(2);
    const flow = live.define();
    await flow.setup();
    const updater = live.updater(flow);
    const first = updater.nextStatusUpdates();
    await until(() => live.heard("caught-up").length === 1);
    await live.clock.pass(50);
    expect(await first).toMatchObject({ updatedSources: ["pages"] });
    const next = updater.nextStatusUpdates();
    live.remove("p0001");
    await live.untilFresh();
    await live.clock.pass(50);
    expect(await next).toMatchObject({ updatedSources: ["pages"] });
  });

  test("are the same for all who ask at once, and for each of them it ends", async () => {
    const updater = await live.follow(live.define());
    const heard: string[][] = [];
    const listen = async () => {
      for await (const { activeSources } of updater) heard.push([...activeSources]);
    };
    const listeners = [listen(), listen(), listen()];
    await live.clock.pass(50);
    expect(heard).toEqual([["pages"], ["pages"], ["pages"]]);
    live.edit("a", "one");
    await live.untilFresh();
    await live.clock.pass(50);
    expect(heard).toHaveLength(6);
    await updater.abort();
    await Promise.all(listeners);
    expect(heard.slice(6)).toEqual([[], [], []]);
    expect(await updater.nextStatusUpdates()).toEqual({ activeSources: [], updatedSources: [] });
    expectNothingLeft();
  });

  test("do not wait for the end of a burst where it ends", async () => {
    const updater = await live.follow(live.define());
    const next = updater.nextStatusUpdates();
    live.edit("a", "one");
    await live.untilFresh();
    await updater.abort();
    expect(await next).toEqual({ activeSources: [], updatedSources: ["pages"] });
    expectNothingLeft();
  });

  test("begin it, and end where nothing is followed", async () => {
    live.world.write(2);
    const flow = live.define({ watched: false });
    await flow.setup();
    const seen = [];
    for await (const status of live.updater(flow)) seen.push(status);
    expect(seen.at(-1)).toEqual({ activeSources: [], updatedSources: ["pages"] });
  });
});

test("stats show rows in flight while they are", async () => {
  const { gate, through } = gated();
  const flow = live.define({ through });
  const updater = live.updater(flow);
  expect(updater.updateStats()).toMatchObject({ state: "starting", sources: {} });
  await flow.setup();
  live.world.write(3);
  await updater.start();
  await until(() => updater.updateStats().info.sources.pages!.inFlight === 3);
  expect(updater.updateStats()).toMatchObject({
    state: "updating",
    sources: { pages: { state: "listing" } },
  });
  gate.resolve();
  await until(() => updater.updateStats().state === "following");
  expect(updater.updateStats().info.sources.pages).toMatchObject({ inFlight: 0, inserted: 3 });
});

describe("it is stopped", () => {
  test("by its signal, and resolves to what was done", async () => {
    const stop = new AbortController();
    const updater = await live.follow(live.define(), { signal: stop.signal });
    live.edit("a", "one");
    await live.untilFresh();
    const over = updater.wait();
    stop.abort();
    expect(await over).toMatchObject({ ok: true, sources: { pages: { inserted: 1 } } });
    expect(updater.updateStats()).toMatchObject({ state: "ended", sources: { pages: { state: "ended" } } });
    expectNothingLeft(stop.signal);
  });

  test("by the end of the block that uses it", async () => {
    const flow = live.define();
    await flow.setup();
    {
      await using updater = flow.liveUpdate();
      await updater.start();
      await until(() => live.feed.watching.length === 1);
    }
    expectNothingLeft();
    expect((await flow.update()).ok).toBe(true);
  });

  test("before it began, so that it never does", async () => {
    const flow = live.define();
    await flow.setup();
    for (const stop of [AbortSignal.abort(), undefined]) {
      const updater = live.updater(flow, stop ? { signal: stop } : {});
      if (!stop) await updater.abort();
      const interrupted = { code: "interrupted" };
      await expect(updater.start()).rejects.toMatchObject(interrupted);
      await expect(updater.wait()).rejects.toMatchObject(interrupted);
      await expect(updater.nextStatusUpdates()).rejects.toMatchObject(interrupted);
      expect(updater.updateStats().state).toBe("ended");
    }
    expect(live.feed.starts).toBe(0);
    expect((await flow.update()).ok).toBe(true);
  });

  test("while it begins, at every turn, and nobody waits for ever", async () => {
    live.world.write(3);
    const flow = live.define();
    await flow.setup();
    for (let turns = 0; turns < 60; turns++) {
      const updater = live.updater(flow);
      const started = updater.start().catch((thrown: unknown) => thrown);
      const status = updater.nextStatusUpdates().catch((thrown: unknown) => thrown);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      await Promise.all([updater.abort(), updater.abort()]);
      expect([undefined, "interrupted"]).toContain(((await started) as SluiceError | undefined)?.code);
      await status;
      expect(updater.updateStats().state).toBe("ended");
      expectNothingLeft();
    }
    expect((await flow.update()).ok).toBe(true);
    expect(live.rows()).toEqual(live.wanted());
  });

  test("while rows wait for their turn: what is staged lands, and what was opened is closed", async () => {
    const applying = deferred<void>();
    live.world.library.hang = () => applying.promise;
    live.world.write(3);
    const flow = live.define();
    await flow.setup();
    const updater = live.updater(flow);
    await updater.start();
    await until(() => live.heard("store-written").length > 0);
    live.edit("p0000", "told while it is applied");
    await live.clock.rest();
    let over = false;
    const stopped = updater.abort().then(() => {
      over = true;
    });
    await live.clock.rest();
    expect(over).toBe(false);
    applying.resolve();
    await stopped;
    expect(Object.keys(live.rows())).not.toEqual([]);
    live.world.library.hang = null;
    expect(await flow.update()).toMatchObject({ ok: true });
    expect(live.rows()).toEqual(live.wanted());
    expectNothingLeft();
  });

  test("leaving a call that does not end behind", async () => {
    const { gate, through } = gated();
    const flow = live.define({ through });
    const updater = await live.follow(flow);
    live.edit("a", "one");
    live.edit("b", "two");
    await until(() => updater.updateStats().info.sources.pages!.inFlight === 2);
    live.edit("a", "three");
    await live.clock.rest();
    await updater.abort();
    expect(updater.updateStats().info.sources.pages).toMatchObject({ inFlight: 0, inserted: 0 });
    expectNothingLeft();
    gate.resolve();
    expect((await flow.update()).sources.pages).toMatchObject({ inserted: 2 });
  });
});

describe("a store that fails", () => {
  test("ends it with the error, whatever it was at, and the next one goes on from there", async () => {
    const flow = live.define();
    await flow.setup();
    for (let nth = 1; nth <= 4; nth++) {
      configure({ store: failingStore(live.world.state, nth, "before").store });
      const updater = live.updater(flow);
      const over = updater.wait().catch((thrown: unknown) => thrown);
      await until(() => live.feed.watching.length === 1 || updater.updateStats().state === "ended");
      live.world.library.forgetCounts();
      for (const id of ["a", "b", "c"]) {
        live.edit(id, `round ${nth}`);
        await live.clock.rest();
      }
      expect(await over).toMatchObject({ code: "store-full" });
      await expect(updater.wait()).rejects.toMatchObject({ code: "store-full" });
      expectNothingLeft();
    }
    configure({ store: openMemoryStore({ state: live.world.state, clock: live.clock }) });
    expect((await flow.update()).ok).toBe(true);
    expect(live.rows()).toEqual(live.wanted());
  });

  test("while a row goes ends it", async () => {
    live.world.write(3);
    const inner = openMemoryStore({ state: live.world.state, clock: live.clock });
    let full = false;
    const store = interceptWrites(inner, async (write) => {
      if (full) throw new SluiceError("store-full", "no space");
      await inner.write(write);
    });
    configure({ store });
    const updater = await live.follow(live.define());
    const over = updater.wait().catch((thrown: unknown) => thrown);
    const statuses: unknown = (async () => {
      for await (const _ of updater);
    })().catch((thrown: unknown) => thrown);
    full = true;
    live.feed.tell({ key: { id: "p0001" }, deleted: true });
    expect(await over).toMatchObject({ code: "store-full" });
    expect(await statuses).toMatchObject({ code: "store-full" });
    expect(updater.updateStats().state).toBe("ended");
    expectNothingLeft();
  });
});

test("what its report throws stops nothing, and is thrown at the end", async () => {
  const report = () => {
    throw new Error("display");
  };
  const updater = await live.follow(live.define(), { report });
  live.edit("a", "one");
  await live.untilFresh();
  await updater.abort();
  await expect(updater.wait()).rejects.toThrow("display");
  expectNothingLeft();
});

test("updates beside it leave nothing on the signals that they were given", async () => {
  const flow = live.define();
  await live.follow(flow);
  const { signal } = new AbortController();
  for (let round = 0; round < 5; round++) {
    const first = flow.update({ signal });
    await Promise.resolve();
    await Promise.all([first, flow.update({ signal }), flow.update({ signal })]);
  }
  await live.clock.rest();
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("on the clock of this machine it leaves no timer and no other resource", async () => {
  configure({ clock: undefined, store: openMemoryStore({ state: live.world.state }) });
  const flow = live.define({ refreshInterval: "1h" });
  await flow.setup();
  const before = process.getActiveResourcesInfo();
  const updater = await live.follow(flow);
  live.edit("a", "one");
  await live.untilFresh();
  void updater.nextStatusUpdates();
  await updater.abort();
  // The runner of the tests has timers of its own, which come and go.
  await until(
    () => joined(before, process.getActiveResourcesInfo()).length === 0,
    "the end of every resource",
  );
});

/** Those that came to be since. */
function joined(before: readonly string[], after: readonly string[]): string[] {
  const known = [...before];
  return after.filter((resource) => {
    const at = known.indexOf(resource);
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  });
}

import { describe, expect, test } from "vitest";
import { defineFlow, type EngineEvent } from "../../src/index.ts";
import { deferred } from "../../src/kernel/deferred.ts";
import { Notebook } from "../worlds/notebook.ts";
import { textFunction } from "../worlds/text-function.ts";
import { until } from "../worlds/until.ts";
import { loud, useLive } from "../worlds/use-live.ts";

const live = useLive();

describe("a live update", () => {
  test("passes over the source first, and then follows it", async () => {
    live.notebook.write("a", "one");
    const updater = await live.follow(live.define());
    expect(live.rows()).toEqual({ a: "ONE" });
    expect(live.heard("caught-up")).toMatchObject([
      { info: { ok: true, sources: { pages: { inserted: 1 } } } },
    ]);
    live.edit("b", "two");
    await live.untilFresh();
    expect(live.listings).toEqual(["start"]);
    expect(updater.updateStats()).toMatchObject({
      state: "following",
      info: { sources: { pages: { read: 2 } } },
    });
  });

  test.each([
    ["nothing tells of changes", { watched: false }, {}],
    ["it is to follow nothing", { watched: true, refreshInterval: "5s" }, { live: false }],
  ])("ends after the first pass where %s", async (_where, shape, options) => {
    live.notebook.write("a", "one");
    const flow = live.define(shape);
    await flow.setup();
    const updater = live.updater(flow, options);
    expect(await updater.wait()).toMatchObject({ ok: true, sources: { pages: { inserted: 1 } } });
    expect(updater.updateStats()).toMatchObject({ state: "ended", sources: { pages: { state: "ended" } } });
    expect(live.feed.starts).toBe(0);
    expect(live.clock.sleepers).toBe(0);
    expect((await flow.update()).sources.pages).toMatchObject({ unchanged: 1 });
  });

  test.each([{ watched: false }, { watched: true }])(
    "ends although the listing failed: %o",
    async (shape) => {
      live.notebook.write("a", "one");
      live.notebook.listingError = new Error("down");
      const flow = live.define(shape);
      await flow.setup();
      const info = await live.updater(flow, { live: false }).wait();
      expect(info).toMatchObject({
        ok: false,
        incomplete: [{ source: "pages" }],
        sources: { pages: { inserted: 1 } },
      });
    },
  );

  test("writes everything again, and computes it again, in its first pass only", async () => {
    let calls = 0;
    const counting = textFunction("counting", (text) => `${++calls} ${text}`, { cache: true });
    const flow = live.define({ through: counting });
    live.notebook.write("a", "one");
    await flow.setup();
    await flow.update();
    await live.follow(flow, { reexportTargets: true, fullReprocess: true });
    expect(live.world.library.upserts).toEqual(["a", "a"]);
    expect(live.rows()).toEqual({ a: "2 one" });
    live.notebook.write("a", "one");
    live.feed.touch("a");
    live.edit("b", "one");
    await until(() => live.rows().b === "2 one");
    expect([live.world.library.upserts, calls]).toEqual([["a", "a", "b"], 2]);
  });

  test("follows one source while another is only listed", async () => {
    const other = new Notebook();
    other.write("o", "other");
    live.notebook.write("a", "one");
    const flow = live.world.keep(
      defineFlow("Two", (builder) => {
        const out = builder.addCollector<{ id: string; text: string }>();
        const sources = [live.feed.source(live.notebook)({}), other.source()({})];
        for (const [at, source] of sources.entries())
          builder
            .addSource(`s${at}`, source)
            .forEachRow((page) => out.collect({ id: page.id, text: page.text.transform(loud) }));
        out.export("Out", live.world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
      }),
    );
    const updater = await live.follow(flow);
    other.write("o", "changed");
    live.edit("a", "two");
    await until(() => live.rows().a === "TWO");
    expect(live.rows().o).toBe("OTHER");
    expect(updater.updateStats().sources).toMatchObject({
      s0: { state: "following" },
      s1: { state: "ended" },
    });
    const status = updater.nextStatusUpdates();
    await live.clock.pass(50);
    expect((await status).activeSources).toEqual(["s0"]);
    expect((await flow.update()).sources.s1).toMatchObject({ updated: 1 });
  });

  test("runs beside those of other flows", async () => {
    const flows = ["One", "Two", "Three"].map((name) => live.define({ name, shelf: name }));
    const updaters = await Promise.all(flows.map((flow) => live.follow(flow)));
    live.edit("a", "text");
    await until(() => flows.every(({ name }) => live.rows(name).a === "TEXT"));
    await updaters[1]!.abort();
    live.edit("a", "more");
    await until(() => live.rows("One").a === "MORE" && live.rows("Three").a === "MORE");
    expect(live.rows("Two").a).toBe("TEXT");
  });

  test("keeps others from setting up, dropping and verifying the flow", async () => {
    const flow = live.define();
    await live.follow(flow);
    const refused = { code: "flow-held" };
    await expect(flow.setup()).rejects.toMatchObject(refused);
    await expect(flow.drop()).rejects.toMatchObject(refused);
    await expect(flow.verify()).rejects.toMatchObject(refused);
    await expect(live.updater(flow).start()).rejects.toMatchObject(refused);
    // None of which got in its way.
    live.edit("a", "one");
    await live.untilFresh();
    expect((await flow.update()).ok).toBe(true);
  });

  test("needs the flow to be set up", async () => {
    const updater = live.updater(live.define());
    await expect(updater.start()).rejects.toMatchObject({ code: "setup-needed" });
    await expect(updater.nextStatusUpdates()).rejects.toMatchObject({ code: "setup-needed" });
    expect(updater.updateStats().state).toBe("ended");
  });
});

describe("an update of a flow that is followed", () => {
  test("is one more pass, and tells what was done in it", async () => {
    live.world.write(5);
    const flow = live.define();
    const updater = await live.follow(flow);
    live.notebook.write("p0001", "untold");
    live.notebook.remove("p0002");
    const info = await flow.update();
    expect(info).toMatchObject({
      ok: true,
      sources: { pages: { unchanged: 3, updated: 1, deleted: 1, inserted: 0 } },
      targets: { Out: { upserted: 1, deleted: 1 } },
    });
    expect(live.rows()).toEqual(live.wanted());
    expect(live.listings).toEqual(["start", "asked"]);
    expect(updater.updateStats().info.sources.pages).toMatchObject({ inserted: 5, updated: 1, deleted: 1 });
  });

  test("is shared by all who ask while one is under way, and each gets its stats", async () => {
    const flow = live.define();
    await live.follow(flow);
    live.notebook.write("a", "one");
    live.notebook.write("b", "two");
    const first = flow.update();
    await until(() => live.listings.length === 2);
    const heard: EngineEvent[] = [];
    const report = (event: EngineEvent) => heard.push(event);
    let written = false;
    live.feed.onListing = () => {
      if (!written) live.notebook.write("a", "late");
      written = true;
    };
    const others = [flow.update({ report }), flow.update({ reexportTargets: true }), flow.update()];
    expect((await first).sources.pages).toMatchObject({ inserted: 2 });
    const infos = await Promise.all(others);
    expect(infos[0]!.targets.Out).toMatchObject({ upserted: 2 });
    expect(infos).toEqual([infos[0], infos[0], infos[0]]);
    expect(live.listings).toEqual(["start", "asked", "asked"]);
    expect(heard.filter(({ kind }) => kind === "source-listed")).toHaveLength(1);
    live.world.library.forgetCounts();
    live.edit("a", "after that");
    await live.untilFresh();
    expect(live.world.library.upserts).toEqual(["a"]);
  });

  test("deletes what is allowed to go, in that pass only", async () => {
    live.world.write(30);
    const flow = live.define();
    await live.follow(flow);
    for (const id of [...live.notebook.pages.keys()].slice(0, 20)) live.notebook.remove(id);
    expect(await flow.update()).toMatchObject({ ok: false, held: [{ source: "pages", rows: 20 }] });
    expect(Object.keys(live.rows())).toHaveLength(30);
    expect(await flow.update({ allowDeletions: 19 })).toMatchObject({ held: [{ rows: 20 }] });
    expect(await flow.update({ allowDeletions: 20 })).toMatchObject({
      ok: true,
      sources: { pages: { deleted: 20 } },
    });
    for (const id of [...live.notebook.pages.keys()]) live.notebook.remove(id);
    expect(await flow.update()).toMatchObject({ held: [{ rows: 10 }] });
  });

  test("can be of the failed rows alone", async () => {
    let broken = true;
    const moody = textFunction("moody", (text) => {
      if (broken && text === "bad") throw new Error("boom");
      return text.toUpperCase();
    });
    const flow = live.define({ through: moody });
    live.notebook.write("a", "good");
    live.notebook.write("b", "bad");
    await live.follow(flow);
    broken = false;
    live.notebook.write("c", "untold");
    live.world.notebook.reads = 0;
    expect(await flow.update({ retryFailed: true })).toMatchObject({
      ok: true,
      sources: { pages: { inserted: 1, unchanged: 0 } },
    });
    expect([live.rows(), live.notebook.reads]).toEqual([{ a: "GOOD", b: "BAD" }, 1]);
  });

  test("computes everything again where it is asked to", async () => {
    let calls = 0;
    const counting = textFunction("counting", (text) => `${++calls} ${text}`, { cache: true });
    const flow = live.define({ through: counting });
    live.notebook.write("a", "one");
    await live.follow(flow);
    expect((await flow.update({ fullReprocess: true })).functions.counting).toMatchObject({ calls: 1 });
    expect(live.rows()).toEqual({ a: "2 one" });
  });

  test("can be given up alone", async () => {
    const gate = deferred<void>();
    const slow = textFunction("slow", async (text) => {
      await gate.promise;
      return text;
    });
    const flow = live.define({ through: slow });
    const updater = await live.follow(flow);
    live.notebook.write("a", "one");
    const stop = new AbortController();
    const update = flow.update({ signal: stop.signal });
    await until(() => updater.updateStats().info.sources.pages!.inFlight === 1);
    stop.abort();
    await expect(update).rejects.toMatchObject({ code: "interrupted" });
    gate.resolve();
    live.edit("b", "two");
    await until(() => live.rows().b === "two");
    await expect(flow.update({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "interrupted" });
  });

  test("rejects with what its own report threw, which is nothing to the live one", async () => {
    const flow = live.define();
    const updater = await live.follow(flow);
    const report = () => {
      throw new Error("display");
    };
    await expect(flow.update({ report })).rejects.toThrow("display");
    live.edit("a", "one");
    await live.untilFresh();
    await updater.abort();
    expect(await updater.wait()).toMatchObject({ ok: true });
  });

  test("comes before it where it was asked for before", async () => {
    live.notebook.write("a", "one");
    const flow = live.define();
    await flow.setup();
    const update = flow.update();
    const updater = live.updater(flow);
    await updater.start();
    expect((await update).sources.pages).toMatchObject({ inserted: 1 });
    await until(() => updater.updateStats().state === "following");
    expect(updater.updateStats().info.sources.pages).toMatchObject({ inserted: 0, unchanged: 1 });
  });

  test("waits for the first pass where it is asked for during the start", async () => {
    const gate = deferred<void>();
    const slow = textFunction("slow", async (text) => {
      await gate.promise;
      return text.toUpperCase();
    });
    live.notebook.write("a", "one");
    const flow = live.define({ through: slow });
    await flow.setup();
    const updater = live.updater(flow);
    const starting = updater.start();
    const update = flow.update();
    await starting;
    await until(() => updater.updateStats().info.sources.pages!.inFlight === 1);
    live.notebook.write("b", "two");
    gate.resolve();
    expect((await update).sources.pages).toMatchObject({ inserted: 1, unchanged: 1 });
    expect(live.rows()).toEqual(live.wanted());
    expect(live.listings).toEqual(["start", "asked"]);
  });

  test("is its own where it is asked for while it stops, or after its end", async () => {
    const flow = live.define();
    const updater = await live.follow(flow);
    live.notebook.write("a", "one");
    const stopping = updater.abort();
    expect((await flow.update()).sources.pages).toMatchObject({ inserted: 1 });
    await stopping;
    live.notebook.write("b", "two");
    expect((await flow.update()).sources.pages).toMatchObject({ inserted: 1, unchanged: 1 });
    expect(live.listings).toEqual(["start"]);
  });

  test("is not lost where it is stopped under way", async () => {
    const gate = deferred<void>();
    const slow = textFunction("slow", async (text) => {
      await gate.promise;
      return text.toUpperCase();
    });
    const flow = live.define({ through: slow });
    const updater = await live.follow(flow);
    live.notebook.write("a", "one");
    const update = flow.update();
    await until(() => updater.updateStats().info.sources.pages!.inFlight === 1);
    await updater.abort();
    gate.resolve();
    expect(await update).toMatchObject({ ok: true, sources: { pages: { inserted: 1 } } });
    expect(live.rows()).toEqual(live.wanted());
  });

  test("is not lost where nothing is followed and it ends", async () => {
    const flow = live.define({ watched: false });
    await flow.setup();
    for (let round = 0; round < 5; round++) {
      const updater = live.updater(flow);
      const ending = updater.wait();
      const updates = [flow.update()];
      for (let turn = 0; turn < round; turn++) await live.clock.idle();
      live.notebook.write(`p${round}`, "one");
      updates.push(flow.update());
      for (const info of await Promise.all(updates)) expect(info.ok).toBe(true);
      await ending;
      expect(live.rows()).toEqual(live.wanted());
    }
  });
});

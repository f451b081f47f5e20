import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { FlowId } from "../../src/contracts/state-store.ts";
import { configure, defineFunction, type Flow, type RowExplanation } from "../../src/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import { hastyClock } from "../worlds/hasty-clock.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

const shout = defineFunction({
  name: "shout",
  version: 1,
  cache: true,
  input: { text: z.string() },
  output: z.string(),
  run({ text }) {
    if (text.includes("BOOM")) throw new TypeError("cannot shout BOOM");
    return text.toUpperCase();
  },
});

/** A flow that is set up, at a time that the test sets. */
async function shoutingFlow(): Promise<{ flow: Flow; at(ms: number): void }> {
  let now = 1_000;
  configure({ clock: { ...hastyClock, now: () => now } });
  const flow = world.define("Pages", { through: shout });
  await flow.setup();
  return {
    flow,
    at: (ms) => {
      now = ms;
    },
  };
}

async function explained(flow: Flow, key = "a"): Promise<RowExplanation> {
  const rows = await flow.explain(key);
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

const quiet = { changes: [], failedBefore: 0, reexport: false, fullReprocess: false };
const wrote = (upserted: number, equal = 0) => ({
  target: "Out",
  upserted,
  deleted: 0,
  equal,
  others: 0,
  dropped: 0,
});

describe("a row ran last", () => {
  test("since it was new", async () => {
    const { flow } = await shoutingFlow();
    world.notebook.write("a", "text");
    await flow.update();
    expect(await explained(flow)).toEqual({
      flow: "Pages",
      source: "pages",
      row: "a",
      key: { id: "a" },
      pending: false,
      failure: null,
      stale: [],
      lastRun: {
        ...quiet,
        at: 1_000,
        reason: "new",
        functions: [{ function: "shout", computed: 1, memoHits: 0 }],
        targets: [wrote(1)],
      },
      outputs: [{ target: "Out", rows: [{ key: "a", state: "held", owner: null, failure: null }] }],
    });
  });

  test("since its content changed, and not when only its version did", async () => {
    const { flow, at } = await shoutingFlow();
    world.notebook.write("a", "text");
    await flow.update();
    at(2_000);
    world.notebook.write("a", "other text");
    await flow.update();
    const run = { ...quiet, at: 2_000, reason: "content" };
    expect((await explained(flow)).lastRun).toMatchObject(run);
    at(3_000);
    world.notebook.write("a", "other text");
    await flow.update();
    await flow.update();
    expect((await explained(flow)).lastRun).toMatchObject(run);
  });

  test("with a result that another row's call had left, and one of its own", async () => {
    const { flow } = await shoutingFlow();
    world.notebook.write("a", "text");
    await flow.update();
    world.notebook.write("renamed", "text");
    world.notebook.remove("a");
    world.notebook.write("b", "its own");
    await flow.update();
    const calls = async (key: string) => (await explained(flow, key)).lastRun!.functions;
    expect(await calls("renamed")).toEqual([{ function: "shout", computed: 0, memoHits: 1 }]);
    expect(await calls("b")).toEqual([{ function: "shout", computed: 1, memoHits: 0 }]);
  });

  test("after failures, which stand until it comes through", async () => {
    const { flow, at } = await shoutingFlow();
    world.notebook.write("a", "BOOM");
    await flow.update();
    at(2_000);
    await flow.update();
    const failing = await explained(flow);
    expect(failing).toMatchObject({ pending: false, lastRun: null, outputs: [], stale: [] });
    expect(failing.failure).toEqual({
      code: "function-failed",
      message: "cannot shout BOOM",
      where: { flow: "Pages", source: "pages", row: "a", step: "shout" },
      attempts: 2,
      firstAt: 1_000,
      lastAt: 2_000,
      removal: false,
    });
    at(3_000);
    world.notebook.write("a", "boom");
    await flow.update();
    const { failure, lastRun } = await explained(flow);
    expect([failure, lastRun]).toMatchObject([null, { at: 3_000, reason: "failed", failedBefore: 2 }]);
  });

  test("with what it wrote before, while what is new fails", async () => {
    const { flow, at } = await shoutingFlow();
    world.notebook.write("a", "text");
    await flow.update();
    at(2_000);
    world.notebook.write("a", "BOOM");
    await flow.update();
    const failing = await explained(flow);
    expect(failing.lastRun).toMatchObject({ at: 1_000, reason: "new" });
    expect(failing.failure).toMatchObject({ attempts: 1, firstAt: 2_000 });
    expect(failing.outputs[0]!.rows).toHaveLength(1);
    world.notebook.write("a", "mended");
    await flow.update();
    expect((await explained(flow)).lastRun).toMatchObject({ reason: "content", failedBefore: 1 });
  });

  test("since it was in doubt, and says so as long as it is", async () => {
    const { flow } = await shoutingFlow();
    world.notebook.write("a", "text");
    world.library.after = () => {
      throw new Error("the answer got lost");
    };
    await flow.update();
    const pending = await explained(flow);
    expect(pending).toMatchObject({
      pending: true,
      lastRun: null,
      failure: { message: "the answer got lost" },
    });
    expect(pending.outputs[0]!.rows).toMatchObject([{ key: "a", state: "in-doubt" }]);
    world.library.after = () => {};
    await flow.update();
    const settled = await explained(flow);
    expect(settled).toMatchObject({ pending: false, failure: null });
    expect(settled.lastRun).toMatchObject({ reason: "pending", failedBefore: 1, targets: [wrote(1)] });
    expect(settled.outputs[0]!.rows).toMatchObject([{ key: "a", state: "held" }]);
  });

  test("since it was asked for", async () => {
    const { flow } = await shoutingFlow();
    world.notebook.write("a", "text");
    await flow.update();
    await flow.update({ reexportTargets: true });
    const reexport = { ...quiet, reason: "forced", reexport: true, targets: [wrote(1)] };
    expect((await explained(flow)).lastRun).toMatchObject({
      ...reexport,
      functions: [{ function: "shout", computed: 0, memoHits: 1 }],
    });
    await flow.update({ fullReprocess: true });
    expect((await explained(flow)).lastRun).toMatchObject({
      ...quiet,
      reason: "forced",
      fullReprocess: true,
      targets: [wrote(0, 1)],
      functions: [{ function: "shout", computed: 1, memoHits: 0 }],
    });
  });
});

describe("what is not on record", () => {
  test("is a row that was removed, with the trace of what it did", async () => {
    const { flow } = await shoutingFlow();
    world.notebook.write("a", "text");
    world.notebook.write("b", "text");
    await flow.update();
    world.notebook.remove("a");
    await flow.update();
    await expect(flow.explain("a")).rejects.toMatchObject({
      code: "row-missing",
      message: "source pages has no row a on record",
      where: { flow: "Pages" },
    });
    const { sources } = world.state.flow("Pages" as FlowId);
    expect([...sources.values()].map((rows) => rows.size)).toEqual([1]);
  });

  test("is not a row that could not be taken away yet", async () => {
    const { flow } = await shoutingFlow();
    world.notebook.write("a", "text");
    world.notebook.write("b", "text");
    await flow.update();
    world.library.before = () => {
      throw new Error("this target never forgets");
    };
    world.notebook.remove("a");
    await flow.update();
    expect(await explained(flow)).toMatchObject({
      pending: true,
      failure: { removal: true, message: "this target never forgets" },
      outputs: [{ rows: [{ key: "a", state: "in-doubt" }] }],
    });
  });

  test("is a row that was never seen", async () => {
    const { flow } = await shoutingFlow();
    await flow.update();
    await expect(flow.explain("never seen")).rejects.toMatchObject({ code: "row-missing" });
  });

  test("is everything where nothing was ever updated", async () => {
    configure({ store: openMemoryStore({ state: new MemoryState() }) });
    const flow = world.define("Fresh");
    await expect(flow.explain("a")).rejects.toMatchObject({ code: "row-missing" });
    await expect(flow.explainTarget("Out", "a")).rejects.toMatchObject({ code: "row-missing" });
  });
});

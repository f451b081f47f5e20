import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  configure,
  defineFlow,
  defineFunction,
  type Flow,
  SluiceError,
  type StoredFailure,
} from "../../src/index.ts";
import { hastyClock } from "../worlds/hasty-clock.ts";
import { LeapingClock } from "../worlds/leaping-clock.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();
let clock: LeapingClock;
/** Texts that the function cannot take. */
let poison: Set<string>;
let calls: string[];

beforeEach(() => {
  clock = new LeapingClock();
  poison = new Set();
  calls = [];
  configure({ clock, random: { next: () => 0 } });
});

const careful = defineFunction({
  name: "careful",
  version: 1,
  input: { text: z.string() },
  output: z.string(),
  run({ text }) {
    calls.push(text);
    if (poison.has(text)) throw new TypeError(`cannot take ${text}`);
    return text.toUpperCase();
  },
});

async function kept(flow: Flow): Promise<StoredFailure[]> {
  const failures: StoredFailure[] = [];
  for await (const failure of flow.failures()) failures.push(failure);
  return failures;
}

async function begin(pages: Readonly<Record<string, string>>): Promise<Flow> {
  for (const [id, text] of Object.entries(pages)) world.notebook.write(id, text);
  const flow = world.define("Failing", { through: careful });
  await flow.setup();
  await flow.update();
  calls = [];
  world.notebook.reads = 0;
  world.library.forgetCounts();
  return flow;
}

describe("a row that fails", () => {
  test("is kept with its cause, its attempts and its times, until it succeeds", async () => {
    const flow = await begin({ a: "fine", b: "fine too" });
    expect(await kept(flow)).toEqual([]);
    poison.add("bad");
    world.notebook.write("b", "bad");
    const began = clock.now();
    await flow.update();
    expect(await kept(flow)).toEqual([
      {
        kind: "row",
        source: "pages",
        row: "b",
        step: "careful",
        removal: false,
        code: "function-failed",
        message: "cannot take bad",
        hint: null,
        attempts: 1,
        firstAt: new Date(began),
        lastAt: new Date(began),
        nextAt: new Date(began + 5_000),
      },
    ]);
    clock.pass(3_600_000);
    await flow.update();
    clock.pass(3_600_000);
    await flow.update();
    const [third] = await kept(flow);
    expect(third).toMatchObject({
      attempts: 3,
      firstAt: new Date(began),
      lastAt: new Date(began + 7_200_000),
      nextAt: new Date(began + 7_200_000 + 20_000),
    });
    poison.clear();
    expect((await flow.update()).ok).toBe(true);
    expect(await kept(flow)).toEqual([]);
    expect(world.library.rows("s")).toEqual([
      ["a", { text: "FINE" }],
      ["b", { text: "BAD" }],
    ]);
  });

  test("keeps its old target rows until it succeeds", async () => {
    const flow = await begin({ a: "one" });
    poison.add("two");
    world.notebook.write("a", "two");
    await flow.update();
    await flow.update();
    expect(world.library.rows("s")).toEqual([["a", { text: "ONE" }]]);
    expect(world.library.calls).toBe(0);
    poison.clear();
    await flow.update();
    expect(world.library.rows("s")).toEqual([["a", { text: "TWO" }]]);
    expect([world.library.upserts, world.library.deletes]).toEqual([["a"], []]);
  });

  test.each(["was committed before", "never was"])(
    "and goes takes its failure along, if it %s",
    async (what) => {
      poison.add("bad");
      const flow = await begin({ a: what === "never was" ? "bad" : "one", z: "other" });
      world.notebook.write("a", "bad");
      await flow.update();
      expect(await kept(flow)).toHaveLength(1);
      world.notebook.remove("a");
      expect((await flow.update()).ok).toBe(true);
      expect(await kept(flow)).toEqual([]);
      expect(world.library.rows("s")).toEqual([["z", { text: "OTHER" }]]);
    },
  );

  test("and returns to what was committed is cleared without work", async () => {
    const flow = await begin({ a: "one" });
    poison.add("two");
    world.notebook.write("a", "two");
    await flow.update();
    expect(await kept(flow)).toHaveLength(1);
    world.notebook.write("a", "one");
    calls = [];
    const info = await flow.update();
    expect(info.ok).toBe(true);
    expect(info.sources.pages).toMatchObject({ unchanged: 1, failed: 0 });
    expect(await kept(flow)).toEqual([]);
    expect([calls, world.library.calls]).toEqual([[], 0]);
  });

  test("and returns to what was committed runs again where its write may have landed", async () => {
    const flow = await begin({ a: "v1" });
    world.notebook.write("a", "v2");
    world.library.after = () => {
      throw new Error("the answer was lost");
    };
    await flow.update();
    expect(world.library.rows("s")).toEqual([["a", { text: "V2" }]]);
    expect(await kept(flow)).toMatchObject([{ code: "mutate-failed", step: null }]);
    world.notebook.write("a", "v1");
    world.library.after = () => {};
    const info = await flow.update();
    expect(info.sources.pages).toMatchObject({ unchanged: 0, reprocessed: 1, failed: 0 });
    expect(world.library.rows("s")).toEqual([["a", { text: "V1" }]]);
    expect(await kept(flow)).toEqual([]);
  });

  test("is due no sooner than its error asks, and not for ever", async () => {
    const asked = Object.assign(new Error("quota"), { retryAfterMs: 7_200_000 });
    const limited = defineFunction({
      name: "limited",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      run({ text }) {
        throw text === "short" ? asked : Object.assign(new Error("gone"), { retryAfterMs: 1e15 });
      },
    });
    world.notebook.write("a", "short");
    world.notebook.write("b", "long");
    const flow = world.define("Limited", { through: limited });
    await flow.setup();
    await flow.update();
    const [a, b] = await kept(flow);
    expect(a!.nextAt.getTime() - a!.lastAt.getTime()).toBe(7_200_000);
    expect(b!.nextAt.getTime() - b!.lastAt.getTime()).toBe(86_400_000);
  });

  test("stays alone among ten thousand", async () => {
    configure({ clock: hastyClock });
    world.write(10_000);
    poison.add("text 5000");
    const flow = world.define("Many", { through: careful });
    await flow.setup();
    const info = await flow.update();
    expect(info.sources.pages).toMatchObject({ inserted: 9_999, failed: 1 });
    expect(await kept(flow)).toMatchObject([{ row: "p5000", message: "cannot take text 5000" }]);
    world.library.forgetCounts();
    poison.clear();
    expect((await flow.update()).sources.pages).toMatchObject({ inserted: 1, unchanged: 9_999, read: 1 });
    expect(world.library.upserts).toEqual(["p5000"]);
  });

  test("stays alone among ten thousand also where a target refuses it", async () => {
    configure({ clock: hastyClock, maxInflightRows: 10_000 });
    world.write(10_000);
    const usual = world.define("Usual", { targets: { Out: world.library.target()({ shelf: "usual" }) } });
    await usual.setup();
    await usual.update();
    const usualCalls = world.library.calls;
    world.library.forgetCounts();
    world.library.before = (rows) => {
      if (rows.some(({ id }) => id === "p5000")) throw new Error("no place for p5000");
    };
    const flow = world.define("Refused");
    await flow.setup();
    const info = await flow.update();
    expect(info.sources.pages).toMatchObject({ inserted: 9_999, failed: 1 });
    expect(world.library.calls).toBeLessThan(usualCalls + 50);
    expect(await kept(flow)).toMatchObject([
      { row: "p5000", code: "mutate-failed", message: "no place for p5000" },
    ]);
  });
});

describe("an update with retryFailed", () => {
  test("reads, computes and writes just the rows that failed, and lists nothing", async () => {
    const flow = await begin({ a: "one", b: "two", c: "three" });
    poison = new Set(["bad b", "bad c"]);
    world.notebook.write("b", "bad b");
    world.notebook.write("c", "bad c");
    await flow.update();
    poison = new Set(["bad c"]);
    calls = [];
    world.notebook.reads = 0;
    world.notebook.listingError = new Error("nobody is to list");
    world.notebook.write("a", "changed since");
    world.notebook.write("d", "new since");
    const info = await flow.update({ retryFailed: true });
    expect(info).toMatchObject({ ok: false, incomplete: [] });
    expect(info.sources.pages).toMatchObject({ updated: 1, failed: 1, unchanged: 0, inserted: 0, read: 2 });
    expect([calls, world.notebook.reads]).toEqual([["bad b", "bad c"], 2]);
    expect(world.library.upserts).toEqual(["b"]);
    expect(await kept(flow)).toMatchObject([{ row: "c", attempts: 2 }]);
  });

  test("does nothing where nothing has failed", async () => {
    const flow = await begin({ a: "one" });
    world.notebook.write("a", "changed since");
    const info = await flow.update({ retryFailed: true });
    expect(info.ok).toBe(true);
    expect([calls, world.notebook.reads, world.library.calls]).toEqual([[], 0, 0]);
  });

  test("removes again what could not be removed, and nothing else that is gone", async () => {
    const flow = await begin({ a: "one", b: "two", c: "three", d: "four" });
    poison.add("bad");
    world.notebook.write("c", "bad");
    await flow.update();
    world.notebook.remove("a");
    world.library.before = (rows) => {
      if (rows.some(({ value }) => value === null)) throw new Error("read-only");
    };
    await flow.update();
    expect(await kept(flow)).toMatchObject([
      { row: "a", removal: true, code: "mutate-failed", message: "read-only" },
      { row: "c", removal: false },
    ]);
    world.library.before = () => {};
    world.library.forgetCounts();
    for (const id of ["b", "c"]) world.notebook.remove(id);
    const info = await flow.update({ retryFailed: true });
    expect(world.library.deletes).toEqual(["a"]);
    expect(info.sources.pages).toMatchObject({ deleted: 1, failed: 1 });
    expect(info.failures[0]).toMatchObject({ row: "c", error: { code: "source-read-failed" } });
    expect(await kept(flow)).toMatchObject([{ row: "c", message: "cannot take bad", attempts: 2 }]);
    await flow.update();
    expect(world.library.rows("s")).toEqual([["d", { text: "FOUR" }]]);
    expect(await kept(flow)).toEqual([]);
  });

  test("takes a row that is back since its removal failed for what it is", async () => {
    const flow = await begin({ a: "one", b: "two" });
    world.notebook.remove("a");
    world.library.before = () => {
      throw new Error("read-only");
    };
    await flow.update();
    world.library.before = () => {};
    world.notebook.write("a", "back");
    expect((await flow.update({ retryFailed: true })).ok).toBe(true);
    expect(world.library.rows("s")[0]).toEqual(["a", { text: "BACK" }]);
    expect(await kept(flow)).toEqual([]);
  });

  test("removes again what a source that left could not give up", async () => {
    const define = (sources: readonly string[]) => {
      world.closeFlows();
      return world.keep(
        defineFlow("Leaving", (builder) => {
          const out = builder.addCollector<{ id: string; text: string }>();
          for (const name of sources)
            builder.addSource(name, world.notebook.source()({})).forEachRow((page) => {
              out.collect({ id: page.id, text: page.text });
            });
          out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
        }),
      );
    };
    world.notebook.write("a", "one");
    const flow = define(["pages"]);
    await flow.setup();
    await flow.update();
    world.notebook.remove("a");
    world.notebook.write("b", "two");
    const without = define(["other"]);
    await without.setup();
    world.library.before = (rows) => {
      if (rows.some(({ value }) => value === null)) throw new Error("read-only");
    };
    expect((await without.update()).ok).toBe(false);
    expect((await kept(without)).length).toBeGreaterThan(0);
    world.library.before = () => {};
    world.notebook.reads = 0;
    expect((await without.update({ retryFailed: true })).ok).toBe(true);
    expect(world.notebook.reads).toBe(0);
    expect(world.library.rows("s")).toEqual([["b", { text: "two" }]]);
    expect(await kept(without)).toEqual([]);
  });

  test("is a whole update for those who asked for one at the same time", async () => {
    const flow = await begin({ a: "one" });
    world.notebook.write("b", "new");
    let first: Promise<unknown> = Promise.resolve();
    await new Promise<void>((started) => {
      first = flow.update({ report: ({ kind }) => kind === "source-listed" && started() });
    });
    world.notebook.write("c", "newer");
    const [second, third] = await Promise.all([flow.update({ retryFailed: true }), flow.update()]);
    await first;
    expect(second).toBe(third);
    expect(second.sources.pages).toMatchObject({ unchanged: 2, inserted: 1 });
  });

  test("cannot process everything too", async () => {
    const flow = world.define("Mixed");
    await expect(flow.update({ retryFailed: true, fullReprocess: true })).rejects.toMatchObject({
      code: "option-invalid",
      exitCode: 2,
    });
  });
});

describe("a target row that could not be deleted", () => {
  /** Target keys are texts, which several pages may have. */
  async function byText(): Promise<Flow> {
    const flow = world.keep(
      defineFlow("ByText", (builder) => {
        const out = builder.addCollector<{ id: string; page: string }>();
        builder.addSource("pages", world.notebook.source()({})).forEachRow((page) => {
          out.collect({ id: page.text, page: page.id });
        });
        out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
      }),
    );
    await flow.setup();
    return flow;
  }

  test("is kept by its key, and deleted with the rows that failed", async () => {
    world.notebook.write("a", "old");
    const flow = await byText();
    await flow.update();
    world.notebook.write("a", "new");
    world.library.before = (rows) => {
      if (rows.some(({ value }) => value === null)) throw new Error("read-only");
    };
    const began = clock.now();
    const info = await flow.update();
    expect(info.targets.Out).toMatchObject({ upserted: 1, deleted: 0, failed: 1 });
    expect(await kept(flow)).toEqual([
      {
        kind: "target-row",
        target: "Out",
        key: "old",
        code: "mutate-failed",
        message: "read-only",
        hint: null,
        attempts: 1,
        firstAt: new Date(began),
        lastAt: new Date(began),
        nextAt: new Date(began + 5_000),
      },
    ]);
    clock.pass(1_000);
    await flow.update();
    expect(await kept(flow)).toMatchObject([
      { attempts: 2, firstAt: new Date(began), lastAt: new Date(began + 1_000) },
    ]);
    world.library.before = () => {};
    world.notebook.reads = 0;
    expect((await flow.update({ retryFailed: true })).targets.Out).toMatchObject({ deleted: 1, failed: 0 });
    expect(world.notebook.reads).toBe(0);
    expect(world.library.rows("s")).toEqual([["new", { page: "a" }]]);
    expect(await kept(flow)).toEqual([]);
  });

  test("is no failure any more once a row yields it again", async () => {
    world.notebook.write("a", "old");
    const flow = await byText();
    await flow.update();
    world.notebook.write("a", "new");
    world.library.before = (rows) => {
      if (rows.some(({ value }) => value === null)) throw new Error("read-only");
    };
    await flow.update();
    world.notebook.write("b", "old");
    expect((await flow.update()).ok).toBe(true);
    expect(await kept(flow)).toEqual([]);
    expect(world.library.rows("s")).toHaveLength(2);
  });
});

describe("the list of failures", () => {
  test("is empty where the flow was never set up, and refused once it is closed", async () => {
    const flow = world.define("Fresh");
    expect(await kept(flow)).toEqual([]);
    flow.close();
    await expect(kept(flow)).rejects.toMatchObject({ code: "flow-closed" });
  });

  test("can be left early", async () => {
    poison = new Set(["1", "2"]);
    const flow = await begin({ a: "1", b: "2" });
    for await (const { kind } of flow.failures()) {
      expect(kind).toBe("row");
      break;
    }
    expect(await kept(flow)).toHaveLength(2);
  });

  test("tells what to do where the error did", async () => {
    world.notebook.write("a", "text");
    const flow = world.define("Hint");
    await flow.setup();
    world.library.before = () => {
      throw new SluiceError("mutate-failed", "no space", { hint: "Buy a shelf." });
    };
    await flow.update();
    expect(await kept(flow)).toMatchObject([{ message: "no space", hint: "Buy a shelf." }]);
  });
});

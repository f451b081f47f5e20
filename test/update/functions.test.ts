import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineFlow, defineFunction, type Flow } from "../../src/index.ts";
import { hastyClock } from "../worlds/hasty-clock.ts";
import { Crowd, slowFunction } from "../worlds/text-function.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

describe("functions", () => {
  function one(
    run: (text: string) => unknown,
    options: { cache?: boolean; output?: z.ZodType<string> } = {},
  ): Flow {
    const fn = defineFunction({
      name: "one",
      version: 1,
      cache: options.cache ?? false,
      input: { text: z.string() },
      output: options.output ?? z.string(),
      run: ({ text }) => run(text) as string,
    });
    world.closeFlows();
    return world.define("One", { through: fn });
  }

  test("that fail for a passing reason are called again, three times in all", async () => {
    world.notebook.write("p", "text");
    let calls = 0;
    const flow = one(() => {
      calls++;
      throw Object.assign(new Error("slow down"), { status: 429 });
    });
    await flow.setup();
    const info = await flow.update();
    expect(info.failures[0]!.error).toMatchObject({ code: "function-failed", message: "slow down" });
    expect(info.functions.one).toMatchObject({ failed: 1, calls: 3 });
    expect(calls).toBe(3);
    calls = 0;
    const second = one(() => {
      if (++calls < 3) throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
      return "done";
    });
    expect((await second.update()).ok).toBe(true);
  });

  test("that return what does not fit fail the row, with the place in the value", async () => {
    world.notebook.write("p", "text");
    const flow = one(() => 12);
    await flow.setup();
    expect((await flow.update()).failures[0]!.error).toMatchObject({ code: "function-output-invalid" });
    const strict = one(() => "long", { output: z.string().max(3) });
    expect((await strict.update()).failures[0]!.error).toMatchObject({ code: "function-output-invalid" });
  });

  test("run no more calls at once than they say, in all flows of the process together", async () => {
    world.write(20);
    const crowd = new Crowd();
    const slow = slowFunction(crowd, { concurrency: 3 });
    const flows = ["One", "Two"].map((name) =>
      world.define(name, { through: slow, targets: { Out: world.library.target()({ shelf: name }) } }),
    );
    for (const flow of flows) await flow.setup();
    const infos = await Promise.all(flows.map((flow) => flow.update()));
    expect(infos.map(({ ok }) => ok)).toEqual([true, true]);
    expect(crowd.most).toBe(3);
  });

  test("that do not end give their places back when the update is stopped, and none is called after that", async () => {
    world.write(5);
    let calls = 0;
    let endless = true;
    const stuck = defineFunction({
      name: "stuck",
      version: 1,
      concurrency: 2,
      input: { text: z.string() },
      output: z.string(),
      run: ({ text }) => (++calls > 0 && endless ? new Promise<string>(() => {}) : text),
    });
    const flow = world.define("Stuck", { through: stuck });
    await flow.setup();
    const stop = new AbortController();
    const update = flow.update({ signal: stop.signal });
    for (let turn = 0; turn < 20; turn++) await hastyClock.idle();
    stop.abort();
    await expect(update).rejects.toMatchObject({ code: "interrupted" });
    expect(calls).toBe(2);
    endless = false;
    expect((await flow.update()).sources.pages).toMatchObject({ inserted: 5 });
    expect(calls).toBe(7);
  });

  test("are not called any more once the update was stopped: not by a row under way, not by a batch that waits", async () => {
    world.write(10);
    const stop = new AbortController();
    let answer = () => {};
    let calls = 0;
    const held = defineFunction({
      name: "held",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      batching: { maxBatchSize: 6 },
      runBatch(inputs) {
        calls++;
        return new Promise<string[]>((resolve) => {
          answer = () => resolve(inputs.map(({ text }) => text));
        });
      },
    });
    const second = defineFunction({
      name: "second",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      run: ({ text }) => `${++calls} ${text}`,
    });
    const flow = world.keep(
      defineFlow("Stopped", (builder) => {
        const out = builder.addCollector<{ id: string; text: string }>();
        builder.addSource("pages", world.notebook.source()({})).forEachRow((page) => {
          out.collect({ id: page.id, text: page.text.transform(held).transform(second) });
        });
        out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
      }),
    );
    await flow.setup();
    const update = flow.update({ signal: stop.signal });
    for (let turn = 0; turn < 20; turn++) await hastyClock.idle();
    stop.abort();
    answer();
    await expect(update).rejects.toMatchObject({ code: "interrupted" });
    for (let turn = 0; turn < 20; turn++) await hastyClock.idle();
    expect(calls).toBe(1);
  });

  test("with a spec are prepared once an update, and computed again under another spec", async () => {
    world.write(5);
    const prepared: string[] = [];
    const suffixed = defineFunction({
      name: "suffixed",
      version: 1,
      spec: z.object({ suffix: z.string() }),
      input: { text: z.string() },
      output: z.string(),
      async prepare({ suffix }) {
        prepared.push(suffix);
        return `-${suffix}`;
      },
      run: ({ text }, { prepared: end }) => text + end,
    });
    const withSuffix = (suffix: string) => {
      world.closeFlows();
      return world.define("Spec", { through: suffixed({ suffix }) });
    };
    const first = withSuffix("a");
    await first.setup();
    await first.update();
    expect([prepared, world.library.rows("s")[0]]).toEqual([["a"], ["p0000", { text: "text 0-a" }]]);
    await first.update();
    expect(prepared).toEqual(["a"]);
    await withSuffix("b").update();
    expect([prepared, world.library.rows("s")[0]]).toEqual([
      ["a", "b"],
      ["p0000", { text: "text 0-b" }],
    ]);
  });

  test("with a shared id share their results between flows", async () => {
    world.write(5);
    let calls = 0;
    const shared = defineFunction({
      name: "shared",
      version: 1,
      cache: true,
      sharedId: "shared",
      input: { text: z.string() },
      output: z.string(),
      run: ({ text }) => `${text} ${++calls}`,
    });
    for (const name of ["First", "Second"]) {
      const targets = { Out: world.library.target()({ shelf: name }) };
      const flow = world.define(name, { through: shared, targets });
      await flow.setup();
      await flow.update();
    }
    expect(calls).toBe(5);
    expect(world.library.rows("First")).toEqual(world.library.rows("Second"));
  });

  test("whose results were stored are not called again after a crash", async () => {
    world.write(50);
    let calls = 0;
    const run = () => `result ${++calls}`;
    const flow = one(run, { cache: true });
    await flow.setup();
    world.library.before = () => {
      throw new Error("the process ends here");
    };
    await flow.update();
    expect(calls).toBe(50);
    world.library.before = () => {};
    expect((await one(run, { cache: true }).update()).ok).toBe(true);
    expect(calls).toBe(50);
  });
});

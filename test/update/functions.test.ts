import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineFunction, type Flow } from "../../src/index.ts";
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

  test("run no more calls at once than they say", async () => {
    world.write(20);
    const crowd = new Crowd();
    const flow = world.define("Concurrency", { through: slowFunction(crowd, { concurrency: 3 }) });
    await flow.setup();
    expect((await flow.update()).ok).toBe(true);
    expect(crowd.most).toBe(3);
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

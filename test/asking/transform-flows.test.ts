import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  configure,
  defineFlow,
  defineFunction,
  defineTransformFlow,
  type EngineEvent,
  type Flow,
  type Slice,
  vector,
} from "../../src/index.ts";
import { hastyClock } from "../worlds/hasty-clock.ts";
import { textFunction } from "../worlds/text-function.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

/** Counts what it is given, as one batched call after the other. */
function countingEmbed(options: { readonly fail?: (text: string) => void; readonly cache?: boolean } = {}) {
  const calls: string[][] = [];
  const use = defineFunction({
    name: "embed",
    version: 1,
    cache: options.cache ?? true,
    input: { text: z.string() },
    output: vector(2),
    batching: { maxBatchSize: 100 },
    runBatch: (inputs) => {
      calls.push(inputs.map(({ text }) => text));
      return inputs.map(({ text }) => {
        options.fail?.(text);
        return Float32Array.of(text.length, text.charCodeAt(0));
      });
    },
  });
  return { use, calls };
}

/** A flow from the notebook's pages to vectors. */
function vectorFlow(name: string, embedded: (text: Slice<string>) => Slice<Float32Array>): Flow {
  return world.keep(
    defineFlow(name, (flow) => {
      const out = flow.addCollector<{ id: string; vector: Float32Array }>();
      flow.addSource("pages", world.notebook.source({ ordered: true })({})).forEachRow((page) => {
        out.collect({ id: page.id, vector: embedded(page.text) });
      });
      out.export("Out", world.library.target()({ shelf: name }), { primaryKeyFields: ["id"] });
    }),
  );
}

const trimmed = textFunction("trimmed", (text) => text.trim(), { cache: true });

describe("a transform flow in a flow", () => {
  test("is its steps: code that moves into one, or out of one, computes and writes nothing again", async () => {
    world.write(5);
    const { use: embed, calls } = countingEmbed();
    const inline = vectorFlow("Pages", (text) => text.transform(trimmed).transform(embed));
    const before = inline.plan.sources[0]!.routes[0]!;
    await inline.setup();
    await inline.update();
    expect(calls.flat()).toHaveLength(5);
    const writes = world.library.upserts.length;
    world.closeFlows();

    const inner = defineTransformFlow("inner", { input: { raw: z.string() } }, ({ raw }) =>
      raw.transform(trimmed),
    );
    const outer = defineTransformFlow("outer", { input: { text: z.string() } }, ({ text }) =>
      text.transform(inner).transform(embed),
    );
    const moved = vectorFlow("Pages", (text) => text.transform(outer));
    const after = moved.plan.sources[0]!.routes[0]!;
    expect([after.logic, after.parts]).toEqual([before.logic, before.parts]);
    const info = await moved.update();
    expect(info.sources.pages).toMatchObject({ unchanged: 5, updated: 0, reprocessed: 0 });
    expect(calls.flat()).toHaveLength(5);
    expect(world.library.upserts).toHaveLength(writes);
  });

  test("takes slices and constants, and a struct's fields, as a function would", async () => {
    world.notebook.write("a", "text");
    const joined = defineFunction({
      name: "joined",
      version: 1,
      input: { left: z.string(), right: z.string(), between: z.string().default("-") },
      output: z.object({ text: z.string() }),
      run: ({ left, right, between }) => ({ text: `${left}${between}${right}` }),
    });
    const both = defineTransformFlow(
      "both",
      {
        input: {
          text: z.string(),
          end: z.object({ mark: z.string() }).default({ mark: "!" }),
          between: z.string().nullable().default("+"),
        },
      },
      ({ text, end, between }) => text.transform(joined, { right: end.mark, between }).text,
    );
    const flow = world.keep(
      defineFlow("Both", (builder) => {
        const out = builder.addCollector<{
          id: string;
          a: string | null;
          b: string | null;
          c: string | null;
        }>();
        builder.addSource("pages", world.notebook.source()({})).forEachRow((page) => {
          out.collect({
            id: page.id,
            a: page.text.transform(both),
            b: page.text.transform(both, { end: { mark: "?" }, between: page.id }),
            c: page.text.transform(both, { between: null }),
          });
        });
        out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
      }),
    );
    await flow.setup();
    await flow.update();
    expect(world.library.shelves.get("s")!.get("a")).toEqual({ a: "text+!", b: "texta?", c: null });
    expect(await both.eval({ text: "x" })).toBe("x+!");
    expect(await both.eval({ text: "x", end: { mark: "." }, between: "_" })).toBe("x_.");
    expect(await both.eval({ text: "x", between: null })).toBe(null);
  });

  test("yields null for a null that its input does not take, whatever its functions would take", async () => {
    const seen: unknown[] = [];
    const shown = defineFunction({
      name: "shown",
      version: 1,
      input: { text: z.string().nullable() },
      output: z.string(),
      run: ({ text }) => {
        seen.push(text);
        return String(text);
      },
    });
    const show = defineTransformFlow("show", { input: { text: z.string() } }, ({ text }) =>
      text.transform(shown),
    );
    const emptied = defineFunction({
      name: "emptied",
      version: 1,
      input: { text: z.string() },
      output: z.string().nullable(),
      run: ({ text }) => text || null,
    });
    const flow = world.keep(
      defineFlow("Nulls", (builder) => {
        const out = builder.addCollector<{ id: string; text: string | null }>();
        builder.addSource("pages", world.notebook.source()({})).forEachRow((page) => {
          out.collect({ id: page.id, text: page.text.transform(emptied).transform(show) });
        });
        out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
      }),
    );
    world.notebook.write("a", "");
    world.notebook.write("b", "b");
    await flow.setup();
    await flow.update();
    expect(world.library.shelves.get("s")!.get("a")).toEqual({ text: null });
    expect(world.library.shelves.get("s")!.get("b")).toEqual({ text: "b" });
    expect(await show.eval(null as never)).toBe(null);
    expect(seen).toEqual(["b"]);
  });
});

describe("eval", () => {
  test("yields what a flow yields, in one batched call for many inputs", async () => {
    const { use: embed, calls } = countingEmbed({ cache: false });
    const toVector = defineTransformFlow("toVector", { input: { text: z.string() } }, ({ text }) =>
      text.transform(trimmed).transform(embed),
    );
    const vectors = await toVector.evalMany(["  one ", "two", "three"]);
    expect(vectors).toEqual([Float32Array.of(3, 111), Float32Array.of(3, 116), Float32Array.of(5, 116)]);
    expect(calls).toEqual([["one", "two", "three"]]);
    expect(await toVector.eval("four")).toEqual(Float32Array.of(4, 102));
    expect(await toVector.evalMany([])).toEqual([]);
  });

  test("uses the results that the updates of the flow have stored, and keeps its own for the process", async () => {
    world.write(3);
    const { use: embed, calls } = countingEmbed();
    const toVector = defineTransformFlow("toVector", { input: { text: z.string() } }, ({ text }) =>
      text.transform(embed),
    );
    const flow = vectorFlow("Pages", (text) => text.transform(toVector));
    await flow.setup();
    await flow.update();
    calls.length = 0;
    const events: EngineEvent[] = [];
    const report = (event: EngineEvent) => void events.push(event);
    expect(await toVector.eval("text 1", { report })).toEqual(Float32Array.of(6, 116));
    expect(events).toEqual([{ kind: "memo-hit", function: "embed" }]);
    expect(calls).toEqual([]);
    await toVector.eval("new");
    await toVector.eval("new");
    expect(calls).toEqual([["new"]]);
    // The store holds no more than the update put there: the row that says it now computes it.
    world.notebook.write("p0000", "new");
    await flow.update();
    expect(calls).toEqual([["new"], ["new"]]);
  });

  test("reads the results of the flow that it is told, of several", async () => {
    world.notebook.write("a", "text");
    const { use: embed, calls } = countingEmbed();
    const toVector = defineTransformFlow("toVector", { input: { text: z.string() } }, ({ text }) =>
      text.transform(embed),
    );
    vectorFlow("First", (text) => text.transform(toVector));
    const second = vectorFlow("Second", (text) => text.transform(toVector));
    const other = world.define("Other");
    await second.setup();
    await second.update();
    await toVector.eval("text", { flow: second });
    expect(calls).toEqual([["text"]]);
    await toVector.eval("text");
    expect(calls).toHaveLength(2);
    await expect(toVector.eval("text", { flow: other })).rejects.toMatchObject({ code: "option-invalid" });
  });

  test("prepares each function once for the process", async () => {
    let prepared = 0;
    const configured = defineFunction({
      name: "configured",
      version: 1,
      spec: z.object({ suffix: z.string() }),
      input: { text: z.string() },
      output: z.string(),
      prepare: async ({ suffix }) => {
        prepared++;
        return suffix;
      },
      run: ({ text }, { prepared: suffix }) => text + suffix,
    });
    const suffixed = defineTransformFlow("suffixed", { input: { text: z.string() } }, ({ text }) =>
      text.transform(configured({ suffix: "!" })),
    );
    expect(await Promise.all([suffixed.eval("a"), suffixed.eval("b")])).toEqual(["a!", "b!"]);
    expect(await suffixed.eval("c")).toBe("c!");
    expect(prepared).toBe(1);
  });

  test("fails as a row would, naming transform flow and function; one bad input fails those with it", async () => {
    const { use: embed } = countingEmbed({
      fail: (text) => {
        if (text === "bad") throw new Error("no vector for that");
      },
    });
    const toVector = defineTransformFlow("toVector", { input: { text: z.string() } }, ({ text }) =>
      text.transform(embed),
    );
    await expect(toVector.evalMany(["good", "bad"])).rejects.toMatchObject({
      code: "function-failed",
      message: "no vector for that",
      where: { transformFlow: "toVector", step: "embed" },
    });
    expect(await toVector.eval("good")).toEqual(Float32Array.of(4, 103));
  });

  test("of many stops at the first failure: what waits is not called any more", async () => {
    const calls: string[] = [];
    const picky = textFunction(
      "picky",
      async (text) => {
        calls.push(text);
        await hastyClock.idle();
        if (text === "b") throw new Error("not b");
        return text;
      },
      { concurrency: 1 },
    );
    const pick = defineTransformFlow("pick", { input: { text: z.string() } }, ({ text }) =>
      text.transform(picky),
    );
    await expect(pick.evalMany(["a", "b", "c", "d", "e"])).rejects.toThrow("not b");
    for (let turn = 0; turn < 20; turn++) await hastyClock.idle();
    expect(calls.length).toBeLessThan(5);
    expect(await pick.eval("f")).toBe("f");
  });

  test("stops when its signal aborts, which the function sees, and before it begins", async () => {
    const stop = new AbortController();
    let began = 0;
    let stopped = 0;
    const slow = textFunction("slow", (_text, { signal }) => {
      began++;
      signal.addEventListener("abort", () => stopped++);
      stop.abort();
      return new Promise<string>(() => {});
    });
    const wait = defineTransformFlow("wait", { input: { text: z.string() } }, ({ text }) =>
      text.transform(slow),
    );
    await expect(wait.eval("x", { signal: stop.signal })).rejects.toMatchObject({ code: "interrupted" });
    expect([began, stopped]).toEqual([1, 1]);
    await expect(wait.eval("x", { signal: stop.signal })).rejects.toMatchObject({ code: "interrupted" });
    expect(began).toBe(1);
  });

  test("refuses what is no input of it", async () => {
    const pair = defineTransformFlow(
      "pair",
      { input: { a: z.string(), b: z.string().default("b") } },
      ({ a }) => a.transform(trimmed),
    );
    const one = defineTransformFlow("one", { input: { a: z.string() } }, ({ a }) => a.transform(trimmed));
    const loose = (given: unknown) => pair.eval(given as never);
    await expect(one.eval(1 as never)).rejects.toMatchObject({
      code: "argument-invalid",
      where: { step: "a" },
    });
    await expect(one.eval(undefined as never)).rejects.toThrow("transform flow one needs a");
    await expect(loose({ a: "x", c: "y" })).rejects.toThrow("transform flow pair has no input c");
    await expect(loose({ b: "x" })).rejects.toThrow("transform flow pair needs a");
    await expect(loose("x")).rejects.toThrow("has several inputs: give an object of them by name");
  });

  test("goes on without stored results where the store cannot be read, and says so", async () => {
    const { use: embed, calls } = countingEmbed();
    const toVector = defineTransformFlow("toVector", { input: { text: z.string() } }, ({ text }) =>
      text.transform(embed),
    );
    vectorFlow("Pages", (text) => text.transform(toVector));
    configure({ store: undefined, storeDirectory: fileURLToPath(import.meta.url) });
    try {
      const events: EngineEvent[] = [];
      await toVector.eval("a", { report: (event) => void events.push(event) });
      expect(calls).toEqual([["a"]]);
      expect(events[0]).toMatchObject({ kind: "notice", about: "transform flow toVector" });
    } finally {
      configure({ storeDirectory: undefined });
    }
  });

  test("goes beside a live update of the flow, ahead of its rows", async () => {
    world.write(20);
    const order: string[] = [];
    const slow = textFunction(
      "slow",
      async (text) => {
        order.push(text);
        for (let turn = 0; turn < 5; turn++) await hastyClock.idle();
        return text;
      },
      { concurrency: 1 },
    );
    const through = defineTransformFlow("through", { input: { text: z.string() } }, ({ text }) =>
      text.transform(slow),
    );
    const flow = world.keep(
      defineFlow("Live", (builder) => {
        const out = builder.addCollector<{ id: string; text: string }>();
        builder
          .addSource("pages", world.notebook.source({ ordered: true })({}), { refreshInterval: "1h" })
          .forEachRow((page) => out.collect({ id: page.id, text: page.text.transform(through) }));
        out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
      }),
    );
    await flow.setup();
    await using live = flow.liveUpdate();
    live.start();
    while (order.length < 2) await hastyClock.idle();
    expect(await through.eval("question")).toBe("question");
    expect(order.indexOf("question")).toBeLessThan(5);
    while (world.library.shelves.get("s")?.size !== 20) await hastyClock.idle();
    expect(order).toHaveLength(21);
  });
});

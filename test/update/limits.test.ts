import { describe, expect, test } from "vitest";
import { z } from "zod";
import { configure, defineFlow, defineFunction, defineTarget } from "../../src/index.ts";
import { Crowd, slowFunction, textFunction } from "../worlds/text-function.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

describe("limits", () => {
  test("of rows bound what is in flight", async () => {
    world.write(200);
    configure({ maxInflightRows: 7 });
    const crowd = new Crowd();
    const flow = world.define("Rows", { through: slowFunction(crowd) });
    await flow.setup();
    expect((await flow.update()).ok).toBe(true);
    expect(crowd.most).toBe(7);
  });

  test("of rows hold for all flows of the process together", async () => {
    world.write(50);
    configure({ maxInflightRows: 6 });
    const crowd = new Crowd();
    const slow = slowFunction(crowd);
    const both = ["One", "Two"].map((name) => {
      const targets = { Out: world.library.target()({ shelf: name }) };
      return world.define(name, { through: slow, targets });
    });
    for (const flow of both) await flow.setup();
    const infos = await Promise.all(both.map((flow) => flow.update()));
    expect(infos.every(({ ok }) => ok)).toBe(true);
    expect(crowd.most).toBe(6);
  });

  test("of bytes bound what is in flight, and a row that is larger runs alone", async () => {
    for (let i = 0; i < 20; i++) world.notebook.write(`p${i}`, "x".repeat(i === 10 ? 5_000 : 400));
    const [large, small] = [new Crowd(), new Crowd()];
    const slow = textFunction("slow", async (text) => {
      const others = text.length > 1_000 ? small : large;
      expect(others.now).toBe(0);
      await (text.length > 1_000 ? large : small).takeTurn(text.length);
      return text;
    });
    configure({ maxInflightBytes: 1_000 });
    const flow = world.define("Bytes", { through: slow });
    await flow.setup();
    expect((await flow.update()).ok).toBe(true);
    expect([small.most, large.most]).toEqual([800, 5_000]);
  });

  test("a row with very many target rows is written in several calls", async () => {
    const many = defineFunction({
      name: "many",
      version: 1,
      input: { text: z.string() },
      output: z.array(z.object({ n: z.int() })),
      run: () => Array.from({ length: 40_000 }, (_, n) => ({ n })),
    });
    world.notebook.write("p", "text");
    const sizes: number[] = [];
    const target = defineTarget({
      kind: "sizes",
      spec: z.object({}),
      getPersistentKey: () => "it",
      applySetupChange() {},
      mutate(batches) {
        sizes.push(batches[0]!.mutations.length);
      },
    });
    const flow = defineFlow("Many", (builder) => {
      const out = builder.addCollector<{ id: string; n: number }>();
      builder.addSource("pages", world.notebook.source()({})).forEachRow((page) => {
        page.text.transform(many).forEachRow((row) => out.collect({ id: page.id, n: row.n }));
      });
      out.export("Out", target({}), { primaryKeyFields: ["id", "n"] });
    });
    world.keep(flow);
    await flow.setup();
    expect((await flow.update()).targets.Out).toMatchObject({ upserted: 40_000 });
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16_384);
  });
});

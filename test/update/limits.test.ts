import { describe, expect, test } from "vitest";
import { z } from "zod";
import { configure, defineFlow, defineFunction, defineTarget } from "../../src/index.ts";
import { hastyClock } from "../worlds/hasty-clock.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

describe("limits", () => {
  test("of rows bound what is in flight", async () => {
    world.write(200);
    configure({ maxInflightRows: 7 });
    let most = 0;
    let now = 0;
    const slow = defineFunction({
      name: "slow",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      async run({ text }) {
        most = Math.max(most, ++now);
        await hastyClock.idle();
        now--;
        return text;
      },
    });
    const flow = world.define("Rows", { through: slow });
    await flow.setup();
    expect((await flow.update()).ok).toBe(true);
    expect(most).toBe(7);
  });

  test("of rows hold for all flows of the process together", async () => {
    world.write(50);
    configure({ maxInflightRows: 6 });
    let most = 0;
    let now = 0;
    const slow = defineFunction({
      name: "slow",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      async run({ text }) {
        most = Math.max(most, ++now);
        await hastyClock.idle();
        now--;
        return text;
      },
    });
    const both = ["One", "Two"].map((name) => {
      const targets = { Out: world.library.target()({ shelf: name }) };
      return world.define(name, { through: slow, targets });
    });
    for (const flow of both) await flow.setup();
    const infos = await Promise.all(both.map((flow) => flow.update()));
    expect(infos.every(({ ok }) => ok)).toBe(true);
    expect(most).toBe(6);
  });

  test("of bytes bound what is in flight, and a row that is larger runs alone", async () => {
    for (let i = 0; i < 20; i++) world.notebook.write(`p${i}`, "x".repeat(i === 10 ? 5_000 : 400));
    let held = 0;
    let most = 0;
    const slow = defineFunction({
      name: "slow",
      version: 1,
      input: { text: z.string() },
      output: z.string(),
      async run({ text }) {
        held += text.length;
        if (text.length > 1_000) expect(held).toBe(5_000);
        else most = Math.max(most, held);
        await hastyClock.idle();
        held -= text.length;
        return text;
      },
    });
    configure({ maxInflightBytes: 1_000 });
    const flow = world.define("Bytes", { through: slow });
    await flow.setup();
    expect((await flow.update()).ok).toBe(true);
    expect(most).toBe(800);
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

import { describe, expect, test } from "vitest";
import { z } from "zod";
import { configure, defineFunction, defineTarget, SluiceError } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { hastyClock } from "../worlds/hasty-clock.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

describe("stopping", () => {
  test("finishes what is staged, and the next update goes on from there", async () => {
    world.write(500);
    const flow = world.define("Stop");
    await flow.setup();
    const stop = new AbortController();
    world.library.after = () => stop.abort();
    configure({ maxInflightRows: 10 });
    await expect(flow.update({ signal: stop.signal })).rejects.toMatchObject({
      code: "interrupted",
      exitCode: 130,
    });
    const landed = world.library.rows("s").length;
    expect(landed).toBeGreaterThan(0);
    expect(landed).toBeLessThan(500);
    world.library.after = () => {};
    world.library.forgetCounts();
    const info = await flow.update();
    expect(info.ok).toBe(true);
    expect(world.library.upserts).toHaveLength(500 - landed);
  });

  test("does not wait for calls and reads that do not end", async () => {
    world.write(3);
    const endless = defineFunction({
      name: "endless",
      version: 1,
      cache: true,
      input: { text: z.string() },
      output: z.string(),
      run: () => new Promise<string>(() => {}),
    });
    const flow = world.define("Endless", { through: endless });
    await flow.setup();
    const stop = new AbortController();
    const update = flow.update({ signal: stop.signal });
    for (let turn = 0; turn < 20; turn++) await hastyClock.idle();
    stop.abort();
    await expect(update).rejects.toMatchObject({ code: "interrupted" });
    world.closeFlows();
    expect((await world.define("Endless").update()).sources.pages).toMatchObject({ inserted: 3 });
  });

  test("before the start does nothing", async () => {
    const flow = world.define("Never");
    await flow.setup();
    await expect(flow.update({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "interrupted" });
  });
});

test("a store that fails ends the update only when the writes under way have ended", async () => {
  world.write(2);
  const inner = openMemoryStore({ state: world.state });
  let left = Number.POSITIVE_INFINITY;
  const failing = new Proxy(inner, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (name !== "write") return member.bind(target);
      return async (given: Parameters<typeof inner.write>[0]) => {
        if (left-- <= 0) throw new SluiceError("store-full", "no space");
        return target.write(given);
      };
    },
  });
  let underWay = 0;
  const slow = defineTarget({
    kind: "slowly",
    spec: z.object({}),
    key: z.object({ id: z.string() }),
    getPersistentKey: () => "it",
    applySetupChange() {},
    async mutate() {
      underWay++;
      for (let turn = 0; turn < 50; turn++) await hastyClock.idle();
      underWay--;
    },
  });
  // The second row fails, and so is recorded, while the first is being written.
  const later = defineFunction({
    name: "later",
    version: 1,
    input: { text: z.string() },
    output: z.string(),
    async run({ text }) {
      if (text === "text 0" || left === Number.POSITIVE_INFINITY) return text;
      for (let turn = 0; turn < 10; turn++) await hastyClock.idle();
      throw new Error("too late");
    },
  });
  configure({ store: failing });
  const flow = world.define("Full", { through: later, targets: { It: slow({}) } });
  await flow.setup();
  left = 1;
  await expect(flow.update()).rejects.toMatchObject({ code: "store-full", exitCode: 6 });
  expect(underWay).toBe(0);
  left = Number.POSITIVE_INFINITY;
  expect((await flow.update()).ok).toBe(true);
});

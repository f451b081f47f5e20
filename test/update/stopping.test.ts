import { describe, expect, test } from "vitest";
import { configure, SluiceError } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { hastyClock } from "../worlds/hasty-clock.ts";
import { interceptWrites } from "../worlds/intercept-writes.ts";
import { plainTarget } from "../worlds/plain-target.ts";
import { textFunction } from "../worlds/text-function.ts";
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
    const endless = textFunction("endless", () => new Promise(() => {}), { cache: true });
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
  const failing = interceptWrites(inner, async (write) => {
    if (left-- <= 0) throw new SluiceError("store-full", "no space");
    await inner.write(write);
  });
  let underWay = 0;
  const slow = plainTarget("slowly", {
    async mutate() {
      underWay++;
      for (let turn = 0; turn < 50; turn++) await hastyClock.idle();
      underWay--;
    },
  });
  // The second row fails, and so is recorded, while the first is being written.
  const later = textFunction("later", async (text) => {
    if (text === "text 0" || left === Number.POSITIVE_INFINITY) return text;
    for (let turn = 0; turn < 10; turn++) await hastyClock.idle();
    throw new Error("too late");
  });
  configure({ store: failing });
  const flow = world.define("Full", { through: later, targets: { It: slow } });
  await flow.setup();
  left = 1;
  await expect(flow.update()).rejects.toMatchObject({ code: "store-full", exitCode: 6 });
  expect(underWay).toBe(0);
  left = Number.POSITIVE_INFINITY;
  expect((await flow.update()).ok).toBe(true);
});

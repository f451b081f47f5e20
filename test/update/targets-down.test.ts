import { describe, expect, test } from "vitest";
import { configure, type EngineEvent, SluiceError } from "../../src/index.ts";
import { endlessHasteClock, hastyClock } from "../worlds/hasty-clock.ts";
import { plainTarget } from "../worlds/plain-target.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

describe("a target that is down", () => {
  test("is tried again three times, then its rows fail together and wait for the next update", async () => {
    world.write(30);
    const flow = world.define("Down", { targets: { Loud: world.library.target()({ shelf: "s" }) } });
    await flow.setup();
    world.library.before = () => {
      throw new SluiceError("target-unavailable", "the library is closed");
    };
    const events: EngineEvent[] = [];
    const info = await flow.update({ report: (event) => events.push(event) });
    expect(info.sources.pages).toMatchObject({ failed: 30, inserted: 0 });
    expect(info.failures[0]!.error).toMatchObject({ code: "target-unavailable" });
    expect(world.library.calls).toBe(3);
    expect(events.filter(({ kind }) => kind === "retrying")).toHaveLength(2);
    world.library.before = () => {};
    expect((await flow.update()).ok).toBe(true);
    expect(world.library.rows("s")).toHaveLength(30);
  });

  test.each([
    ["says so", () => new SluiceError("target-unavailable", "the library is closed"), 3],
    // One call and three draws in each of three attempts.
    ["says nothing of it", () => new Error("boom"), 3 * (1 + 3)],
  ])("and %s is not called for each of ten thousand rows", async (_what, error, calls) => {
    world.write(10_000);
    configure({ maxInflightRows: 10_000 });
    const flow = world.define("Masses");
    await flow.setup();
    world.library.before = () => {
      throw error();
    };
    const info = await flow.update();
    expect(info.sources.pages).toMatchObject({ failed: 10_000, inserted: 0 });
    expect(info.failures.at(-1)!.error).toMatchObject({ code: "target-unavailable" });
    expect(world.library.calls).toBe(calls);
    world.library.before = () => {};
    world.library.forgetCounts();
    expect((await flow.update({ retryFailed: true })).sources.pages).toMatchObject({ inserted: 10_000 });
    expect(world.library.rows("s")).toHaveLength(10_000);
  });

  test("which comes back in time costs no row", async () => {
    world.write(10);
    const flow = world.define("Back", { targets: { Loud: world.library.target()({ shelf: "s" }) } });
    await flow.setup();
    let refusals = 2;
    world.library.before = () => {
      if (refusals-- > 0) throw Object.assign(new Error("connect failed"), { code: "ECONNREFUSED" });
    };
    expect((await flow.update()).ok).toBe(true);
    expect(world.library.rows("s")).toHaveLength(10);
  });

  test("leaves rows of other kinds alone", async () => {
    world.write(5);
    const mutate = () => {
      throw new SluiceError("target-unavailable", "down");
    };
    const targets = {
      Up: world.library.target()({ shelf: "up" }),
      Down: plainTarget("broken", { mutate }),
    };
    const flow = world.define("Others", { targets });
    await flow.setup();
    const info = await flow.update();
    expect(info.sources.pages).toMatchObject({ failed: 5 });
    expect(world.library.rows("up")).toHaveLength(5);
  });

  test("in its preparation is said to be so", async () => {
    world.write(3);
    const prepare = () => {
      throw new Error("no password");
    };
    const flow = world.define("Unprepared", { targets: { It: plainTarget("unprepared", { prepare }) } });
    await flow.setup();
    const info = await flow.update();
    expect(info.failures[0]!.error).toMatchObject({ code: "target-prepare-failed", message: "no password" });
    expect(info.sources.pages).toMatchObject({ failed: 3 });
  });

  test("because it does not answer fails its rows at the time limit", async () => {
    world.write(3);
    configure({ clock: endlessHasteClock, mutateTimeout: "1m" });
    const silent = plainTarget("silent", { mutate: () => new Promise(() => {}) });
    const flow = world.define("Silent", { targets: { It: silent } });
    await flow.setup();
    const info = await flow.update();
    expect(info.failures[0]!.error).toMatchObject({ code: "mutate-timeout" });
  });
});

test("a slow kind of target does not delay another", async () => {
  world.write(300);
  let release = () => {};
  const slow = plainTarget("slow", {
    mutate: () =>
      new Promise((resolve) => {
        release = resolve;
      }),
  });
  const flow = world.define("Slow", {
    targets: { Fast: world.library.target()({ shelf: "fast" }), Slow: slow },
  });
  await flow.setup();
  let finished = false;
  const update = flow.update().then((info) => {
    finished = true;
    return info;
  });
  while (world.library.rows("fast").length < 300) await hastyClock.idle();
  expect(finished).toBe(false);
  while (!finished) {
    release();
    await hastyClock.idle();
  }
  expect((await update).ok).toBe(true);
});

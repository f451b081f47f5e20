import { expect, test } from "vitest";
import { configure } from "../../src/index.ts";
import { until } from "../worlds/until.ts";
import { useLive } from "../worlds/use-live.ts";

const live = useLive();

function refuse(): never {
  throw Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });
}

test("a target that is down is asked now and then, and given everything as soon as it is back", async () => {
  live.world.write(3);
  const updater = await live.follow(live.define());
  live.world.library.before = refuse;
  live.edit("p0000", "other");
  live.edit("p0001", "other too");
  for (let minute = 0; minute < 60; minute++) await live.clock.pass(60_000);
  expect(live.heard("target-failed")).toHaveLength(1);
  expect(updater.updateStats().sources.pages).toMatchObject({ failing: 2 });
  // In an hour: growing waits up to a minute, and each row's own.
  const asked = live.world.library.calls;
  expect(asked).toBeLessThan(100);

  live.world.library.before = () => {};
  await live.clock.pass(61_000);
  await live.untilFresh();
  expect(live.heard("target-recovered")).toHaveLength(1);
  expect(updater.updateStats().sources.pages).toMatchObject({ failing: 0 });
});

test("a target that hangs keeps a live update from stopping only for a while", async () => {
  configure({ stopTimeout: "7s" });
  live.world.write(2);
  const flow = live.define();
  const updater = await live.follow(flow);
  let asked = false;
  live.world.library.hang = () => {
    asked = true;
    return new Promise(() => {});
  };
  live.edit("p0000", "other");
  await until(() => asked);
  const stopped = updater.abort();
  await live.clock.pass(6_900);
  expect(updater.updateStats().state).toBe("stopping");
  await live.clock.pass(200);
  await stopped;

  live.world.library.hang = null;
  expect(await flow.update()).toMatchObject({ ok: true, sources: { pages: { unchanged: 1 } } });
  expect(live.rows()).toEqual(live.wanted());
});

import { expect, test } from "vitest";
import { configure } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { useLive } from "../worlds/use-live.ts";

/* A lease that ends by time, as a store that many machines share has it. */

const live = useLive();
const leaseMs = 12_000;

const openStore = () => openMemoryStore({ state: live.world.state, leaseMs, clock: live.clock });

test("a live update that has nothing to do keeps its lease", async () => {
  configure({ store: openStore() });
  const flow = live.define({ heartbeat: "1h" });
  const updater = await live.follow(flow);
  for (let minute = 0; minute < 10; minute++) {
    await live.clock.pass(60_000);
    configure({ store: openStore() });
    await expect(flow.setup()).rejects.toMatchObject({ code: "flow-held" });
  }
  live.edit("a", "one");
  await live.untilFresh();
  expect(updater.updateStats().state).toBe("following");
});

test("one that lost its lease ends, and what it wrote too late is put right", async () => {
  configure({ store: openStore() });
  live.world.write(3);
  const flow = live.define();
  const updater = await live.follow(flow);
  const over = updater.wait().catch((thrown: unknown) => thrown);
  // The process stood still while its lease ran out, and another takes the flow over.
  live.clock.leap(leaseMs + 1);
  configure({ store: openStore() });
  live.world.closeFlows();
  const successor = live.define();
  live.notebook.write("p0001", "as the successor sees it");
  expect((await successor.update()).sources.pages).toMatchObject({ updated: 1 });
  live.edit("p0002", "told to both");
  expect(await over).toMatchObject({ code: "store-fenced" });
  expect(updater.updateStats().state).toBe("ended");
  configure({ store: openStore() });
  expect((await successor.update()).ok).toBe(true);
  expect(live.rows()).toEqual(live.wanted());
  expect(live.clock.sleepers).toBe(0);
});

test("one that lost its lease while nothing is to be done ends as well", async () => {
  configure({ store: openStore() });
  const updater = await live.follow(live.define());
  const over = updater.wait().catch((thrown: unknown) => thrown);
  live.clock.leap(leaseMs + 1);
  configure({ store: openStore() });
  live.world.closeFlows();
  await live.define().setup();
  await live.clock.pass(5_000);
  expect(await over).toMatchObject({ code: "store-fenced" });
  expect(updater.updateStats().state).toBe("ended");
});

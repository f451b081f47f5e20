import { afterEach, beforeEach, expect, test } from "vitest";
import { configure } from "../../src/index.ts";
import { makeTemporaryTree } from "../support/temporary-tree.ts";
import { until } from "../worlds/until.ts";
import { useLive } from "../worlds/use-live.ts";

/* With the store that users have. */

const live = useLive();

beforeEach(() => {
  configure({ store: undefined, storeDirectory: makeTemporaryTree().path });
});

afterEach(async () => {
  await live.end();
  configure({ storeDirectory: undefined });
});

test("changes are followed, and the next live update goes on where this one was stopped", async () => {
  live.world.write(50);
  const flow = live.define();
  for (let round = 0; round < 3; round++) {
    const updater = await live.follow(flow);
    for (let at = 0; at < 200; at++) {
      const id = `p${String((at * 7) % 60).padStart(4, "0")}`;
      if (at % 5 === 0) live.remove(id);
      else live.edit(id, `round ${round}, ${at}`);
    }
    if (round < 2) await live.clock.rest();
    else await live.untilFresh();
    await updater.abort();
    live.edit("p0000", `between ${round}`);
  }
  expect((await flow.update()).ok).toBe(true);
  expect(live.rows()).toEqual(live.wanted());
  expect((await flow.update()).sources.pages).toMatchObject({ read: 0 });
});

test("a second process finds the flow held, and takes it once it is free", async () => {
  const flow = live.define();
  const updater = await live.follow(flow);
  await expect(flow.verify()).rejects.toMatchObject({ code: "flow-held" });
  let waits = false;
  const verified = flow.verify({ wait: true, onWait: () => (waits = true) });
  await until(() => waits);
  await updater.abort();
  let over = false;
  void verified.finally(() => (over = true));
  await until(async () => {
    await live.clock.pass(1_000);
    return over;
  });
  expect((await verified).ok).toBe(true);
});

test("what is acknowledged is still there after the store was opened anew", async () => {
  const flow = live.define();
  const updater = await live.follow(flow);
  let acknowledged = 0;
  for (let at = 0; at < 20; at++) {
    live.notebook.write(`p${at}`, `text ${at}`);
    live.feed.tell({ key: { id: `p${at}` }, acknowledge: () => void acknowledged++ });
  }
  await until(() => acknowledged === 20);
  await updater.abort();
  expect((await flow.update()).sources.pages).toMatchObject({ unchanged: 20, read: 0 });
});

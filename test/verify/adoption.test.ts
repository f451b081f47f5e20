import { afterEach, beforeEach, expect, test } from "vitest";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import type { Design } from "../worlds/design.ts";
import { Evolution } from "../worlds/evolution.ts";

let world: Evolution;

beforeEach(() => {
  world = new Evolution();
  world.use(openMemoryStore());
});

afterEach(() => world.close());

const design: Design = {
  sources: [{ name: "pages", notebook: "pages" }],
  exports: [{ name: "Out", table: "out", inspects: true, readsBack: true }],
};

test("rows of an adopted target are pending until an update has seen them, and no repair deletes them", async () => {
  await world.build(design);
  const { database } = world;
  const rows = database.rows("out");
  world.use(openMemoryStore());
  const flow = world.define(design);
  await flow.setup({ adopt: true });
  database.forgetCounts();
  const info = await flow.verify({ repair: true });
  expect(info.targets.Out).toMatchObject({ expected: 3, found: 3, pending: 3, extra: 0 });
  expect(info).toMatchObject({ repair: { targets: {} }, ok: false });
  expect(database.rows("out")).toEqual(rows);
  await flow.update();
  expect([database.upserts, database.deletes]).toEqual([[], []]);
  expect(await flow.verify()).toMatchObject({ targets: { Out: { expected: 3, pending: 0 } }, ok: true });
});

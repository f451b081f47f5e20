import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import type { Design, ExportDesign } from "../worlds/design.ts";
import { Evolution } from "../worlds/evolution.ts";

let world: Evolution;

beforeEach(() => {
  world = new Evolution();
  world.use(openMemoryStore());
});

afterEach(() => world.close());

const whole = { inspects: true, readsBack: true };

function design(options: Partial<ExportDesign> = whole): Design {
  return {
    sources: [{ name: "pages", notebook: "pages" }],
    exports: [{ name: "Out", table: "out", ...options }],
  };
}

/** Builds a target, and then the store is lost. */
async function loseStore(built = design()): Promise<void> {
  await world.build(built);
  world.use(openMemoryStore());
}

async function planToAdopt(wanted = design()) {
  const { actions } = await world.define(wanted).planSetup({ adopt: true });
  return actions.map(({ verb, rows, verdict, destroys }) => ({ verb, rows, verdict, destroys }));
}

describe("a target that can be looked at and read back", () => {
  test("is taken over: what it holds is not written again, and what nobody yields goes", async () => {
    await loseStore();
    world.database.put("out", { id: "x" }, { text: "left over" });
    world.database.put("out", { id: "q" }, { text: "someone else's" });
    expect(await planToAdopt()).toEqual([{ verb: "adopt", rows: 4, verdict: "unchanged", destroys: false }]);
    expect(world.database.changes).toEqual([]);
    const { info } = await world.evolve(design(), { adopt: true });
    expect([world.database.upserts, world.database.deletes]).toEqual([["q"], ["x"]]);
    expect(world.database.rows("out")).toEqual(["p = ANT", "q = BEE", "r = CAT"]);
    expect(info.sources.pages).toMatchObject({ inserted: 3 });
    world.database.forgetCounts();
    world.notebooks.pages.remove("p");
    const flow = world.define(design());
    expect((await flow.planSetup({ adopt: true })).actions).toEqual([]);
    await flow.update();
    expect([world.database.upserts, world.database.deletes]).toEqual([[], ["p"]]);
  });

  test("keeps all of it until an update has seen every source, and no new row has failed", async () => {
    await loseStore();
    world.database.put("out", { id: "x" }, { text: "left over" });
    const flow = world.define(design());
    await flow.setup({ adopt: true });
    world.notebooks.pages.incomplete = "half of it";
    expect((await flow.update()).ok).toBe(false);
    world.notebooks.pages.incomplete = null;
    world.notebooks.pages.write("s", "new");
    world.database.at = (moment) => {
      if (moment === "mutate") throw new Error("read only");
    };
    expect((await flow.update()).ok).toBe(false);
    world.database.at = () => {};
    expect(world.database.rows("out")).toContain("x = left over");
    expect(world.database.deletes).toEqual([]);
    expect((await flow.update()).targets.Out).toMatchObject({ upserted: 1, deleted: 1 });
    expect(world.database.rows("out")).toEqual(["p = ANT", "q = BEE", "r = CAT", "s = NEW"]);
  });

  test("keeps all of it where hardly any of it is yielded now, until that is approved", async () => {
    await loseStore();
    for (const id of ["p", "q", "r"]) world.notebooks.pages.remove(id);
    const flow = world.define(design());
    await flow.setup({ adopt: true });
    const info = await flow.update();
    expect(info.held).toMatchObject([
      {
        source: null,
        target: "Out",
        rows: 3,
        tracked: 3,
        error: {
          code: "deletions-held",
          message: "no source yields any of the 3 rows that the target held before",
        },
      },
    ]);
    expect(info.ok).toBe(false);
    expect((await flow.update({ allowDeletions: 2 })).held).toHaveLength(1);
    expect(world.database.rows("out")).toHaveLength(3);
    expect((await flow.update({ allowDeletions: 3 })).ok).toBe(true);
    expect(world.database.rows("out")).toEqual([]);
    expect((await flow.update()).ok).toBe(true);
  });

  test("with many rows keeps them where more than half is yielded no more", async () => {
    await loseStore();
    for (let n = 0; n < 30; n++) world.database.put("out", { id: `x${n}` }, { text: "left over" });
    const flow = world.define(design());
    await flow.setup({ adopt: true });
    const { held } = await flow.update();
    expect(held).toMatchObject([{ rows: 30, tracked: 33 }]);
    await flow.update({ allowDeletions: true });
    expect(world.database.rows("out")).toHaveLength(3);
  });

  test("is brought to the state that is wanted where that keeps its data", async () => {
    await loseStore(design({ ...whole, comment: "old" }));
    expect(await planToAdopt(design({ ...whole, comment: "new" }))).toMatchObject([
      { verb: "adopt", verdict: "compatible" },
    ]);
    await world.evolve(design({ ...whole, comment: "new" }), { adopt: true });
    expect(world.database.upserts).toEqual([]);
    expect(world.database.tables.get("out")?.state.comment).toBe("new");
  });

  test("has its rows written again where its data does not stay valid", async () => {
    await loseStore(design({ ...whole, fields: ["text", "size"] }));
    world.database.put("out", { id: "x" }, { text: "left over", size: 9 });
    await world.evolve(design({ ...whole, fields: ["text", "width"] }), { adopt: true });
    expect(world.database.upserts.sort()).toEqual(["p", "q", "r"]);
    expect(world.database.deletes).toEqual(["x"]);
  });

  test("is refused where it would have to be made anew", async () => {
    await loseStore(design({ ...whole, engine: "rows" }));
    const flow = world.define(design({ ...whole, engine: "columns" }));
    await expect(flow.setup({ adopt: true })).rejects.toMatchObject({
      code: "setup-conflict",
      message: "table out is in a state that cannot be taken over",
    });
    expect([world.database.changes, world.database.rows("out").length]).toEqual([[], 3]);
  });

  test("is created where it is not there", async () => {
    expect(await planToAdopt()).toEqual([{ verb: "create", rows: 0, verdict: "new", destroys: false }]);
    await world.evolve(design(), { adopt: true });
    expect(world.database.rows("out")).toHaveLength(3);
  });

  test("with a row that the export cannot have written is refused, and adopted when that is gone", async () => {
    await loseStore();
    world.database.put("out", { other: 1 }, { text: "whose" });
    const flow = world.define(design());
    await expect(flow.setup({ adopt: true })).rejects.toMatchObject({ code: "setup-conflict" });
    await expect(flow.update()).rejects.toMatchObject({ code: "setup-needed" });
    world.database.tables.get("out")?.rows.delete('{"other":1}');
    world.database.put("out", { id: "x" }, { text: "left over" });
    await world.evolve(design());
    expect([world.database.upserts, world.database.deletes]).toEqual([[], ["x"]]);
  });
});

test("a target that cannot be read is not adopted, and stays to be", async () => {
  await loseStore();
  const flow = world.define(design());
  const { readBack } = flow.plan.exports[0]!.definition;
  const definition = flow.plan.exports[0]!.definition as { readBack: unknown };
  definition.readBack = () => {
    throw new Error("no route to host");
  };
  await expect(flow.setup({ adopt: true })).rejects.toMatchObject({
    code: "setup-failed",
    message: "adopt table out: it cannot be read back: no route to host",
  });
  expect((await flow.planSetup({ adopt: true })).actions).toMatchObject([{ verb: "adopt", rows: null }]);
  definition.readBack = readBack;
  expect((await flow.planSetup()).actions).toMatchObject([{ verb: "adopt" }]);
  await flow.setup();
  await flow.update();
  expect(world.database.upserts).toEqual([]);
});

test("a target that can only be read back is taken to be as it is wanted, or made", async () => {
  const wanted = design({ readsBack: true });
  expect(await planToAdopt(wanted)).toMatchObject([{ verb: "adopt", rows: null }]);
  await loseStore(wanted);
  world.database.put("out", { id: "x" }, { text: "left over" });
  expect(await planToAdopt(wanted)).toMatchObject([{ verb: "adopt", rows: 4, verdict: "compatible" }]);
  await world.evolve(wanted, { adopt: true });
  expect([world.database.upserts, world.database.deletes]).toEqual([[], ["x"]]);
  world.close();
  world = new Evolution("Absent");
  world.use(openMemoryStore());
  await world.evolve(wanted, { adopt: true });
  expect(world.database.rows("out")).toHaveLength(3);
});

test("a target that cannot be read back is written again, and what nobody yields stays", async () => {
  const wanted = design({ inspects: true });
  await loseStore(wanted);
  world.database.put("out", { id: "x" }, { text: "left over" });
  expect(await planToAdopt(wanted)).toMatchObject([{ verb: "adopt", rows: null }]);
  await world.evolve(wanted, { adopt: true });
  expect(world.database.upserts.sort()).toEqual(["p", "q", "r"]);
  expect(world.database.rows("out")).toContain("x = left over");
});

test("a target that its user sets up is taken over without a call", async () => {
  const wanted = design({ ...whole, setupByUser: true });
  await world.build(design());
  world.use(openMemoryStore());
  world.database.put("out", { id: "x" }, { text: "left over" });
  expect(await planToAdopt(wanted)).toMatchObject([{ verb: "adopt", rows: 4 }]);
  await world.evolve(wanted, { adopt: true });
  expect([world.database.changes, world.database.upserts, world.database.deletes]).toEqual([[], [], ["x"]]);
});

test("without being told to adopt, setup makes what is there already, and rows of others stay", async () => {
  await loseStore();
  world.database.put("out", { id: "x" }, { text: "left over" });
  const { setup } = await world.evolve(design());
  expect(setup.actions).toMatchObject([{ verb: "create" }]);
  expect(world.database.upserts.sort()).toEqual(["p", "q", "r"]);
  expect(world.database.rows("out")).toContain("x = left over");
});

test("where the store is not lost, there is nothing to adopt", async () => {
  await world.build(design());
  world.database.put("out", { id: "x" }, { text: "someone else's" });
  expect(await planToAdopt()).toEqual([]);
  await world.evolve(design(), { adopt: true });
  expect(world.database.deletes).toEqual([]);
});

test("rows that several sources yield are taken over as any other", async () => {
  const shared: Design = {
    sources: [
      { name: "pages", notebook: "pages" },
      { name: "notes", notebook: "notes" },
    ],
    exports: [{ name: "Out", table: "out", ...whole }],
  };
  await loseStore(shared);
  world.database.put("out", { id: "x" }, { text: "left over" });
  await world.evolve(shared, { adopt: true });
  // The one of two rows that comes first writes its value, which the winner replaces, as in a first build.
  expect(world.database.upserts.every((key) => key === "q")).toBe(true);
  expect(world.database.deletes).toEqual(["x"]);
  expect(world.database.rows("out")).toEqual(["m = DOG", "p = ANT", "q = ELK", "r = CAT"]);
});

test("an adoption that is followed by a change of the flow before its first update loses nothing", async () => {
  await loseStore();
  world.database.put("out", { id: "x" }, { text: "left over" });
  await world.define(design()).setup({ adopt: true });
  const wanted = design({ ...whole, fields: ["text", "size"] });
  const { info } = await world.evolve(wanted);
  expect(info.targets.Out).toMatchObject({ deleted: 1 });
  expect(world.database.rows("out")).toHaveLength(3);
});

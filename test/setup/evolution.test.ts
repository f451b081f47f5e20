import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import { Evolution } from "../worlds/evolution.ts";
import { type EvolutionCase, evolutionCases } from "./evolution-cases.ts";

let world: Evolution;
let state: MemoryState;

beforeEach(() => {
  world = new Evolution();
  state = new MemoryState();
  world.use(openMemoryStore({ state }));
});

afterEach(() => world.close());

/** Builds the shape before, and changes it; the target ends as a rebuild would, and a further update does nothing. */
async function evolve({ before, after }: EvolutionCase) {
  const rebuilt = await world.rebuilt(after);
  await world.build(before);
  const verbs = await world.verbsFor(after);
  const evolved = await world.evolve(after);
  expect(world.database.contents()).toEqual(rebuilt);
  const { changes, upserts, deletes } = world.database;
  const work = { changes: [...changes], upserts: [...upserts].sort(), deletes: [...deletes].sort() };
  const calls = [...world.calls];
  world.database.forgetCounts();
  world.calls.length = 0;
  const again = await evolved.flow.update();
  expect([world.database.upserts, world.database.deletes, world.calls]).toEqual([[], [], []]);
  expect(again.ok).toBe(true);
  return { ...evolved, ...work, verbs, calls };
}

describe("backends", () => {
  test("a field that is added alters the table, and only the new function is called", async () => {
    const { verbs, changes, upserts, calls } = await evolve(evolutionCases.fieldAdded);
    expect(verbs).toEqual([["alter", "Out", 3]]);
    expect(changes).toEqual(["out: rows -> rows"]);
    expect(upserts).toEqual(["p", "q", "r"]);
    expect(calls.sort()).toEqual(["measure ant", "measure bee", "measure cat"]);
  });

  test("a field that is removed alters the table, and nothing is called", async () => {
    const { verbs, upserts, calls } = await evolve(evolutionCases.fieldRemoved);
    expect(verbs).toEqual([["alter", "Out", 3]]);
    expect(upserts).toEqual(["p", "q", "r"]);
    expect(calls).toEqual([]);
  });

  test("a column that went, and came back before any update, is filled again", async () => {
    const { before, after } = evolutionCases.fieldRemoved;
    await world.build(before);
    const rows = world.database.rows("out");
    await world.define(after).setup();
    expect(world.database.rows("out")).not.toEqual(rows);
    await world.evolve(before);
    expect(world.database.rows("out")).toEqual(rows);
    expect(world.calls).toEqual([]);
  });

  test("a field of another type is lossy: its rows are written again", async () => {
    const { verbs, changes, upserts, calls } = await evolve(evolutionCases.fieldRetyped);
    expect(verbs).toEqual([["rewrite", "Out", 3]]);
    expect(changes).toEqual(["out: rows -> rows"]);
    expect(upserts).toEqual(["p", "q", "r"]);
    expect(calls.sort()).toEqual(["width ant", "width bee", "width cat"]);
  });

  test("another primary key makes the table anew, and no cached function is called again", async () => {
    const { verbs, setup, changes, upserts, deletes, calls } = await evolve(evolutionCases.keyChanged);
    expect(verbs).toEqual([["rebuild", "Out", 3]]);
    expect(setup.actions[0]).toMatchObject({ destroys: true, verdict: "destructive", sourceRows: 3 });
    expect(changes).toEqual(["out: rows -> null", "out: null -> rows"]);
    expect(upserts).toEqual(["p/ANT", "q/BEE", "r/CAT"]);
    expect([deletes, calls]).toEqual([[], []]);
  });

  test("another target is created, and the former one dropped with its rows", async () => {
    const { verbs, setup, changes, upserts, calls } = await evolve(evolutionCases.targetRenamed);
    expect(verbs).toEqual([
      ["create", "Out", 0],
      ["drop", "Out", 3],
    ]);
    expect(setup.actions[0]).toMatchObject({ sourceRows: 3, destroys: false });
    expect(changes).toEqual(["new: null -> rows", "old: rows -> null"]);
    expect(upserts).toEqual(["p", "q", "r"]);
    expect(calls).toEqual([]);
  });

  test("a target that is named after its export stays with renamedFrom, and is another without", async () => {
    const rebuilt = await world.rebuilt(evolutionCases.exportRenamed.after);
    await world.build(evolutionCases.exportRenamed.before);
    expect(await world.verbsFor(evolutionCases.exportRenamed.after)).toEqual([]);
    const { info } = await world.evolve(evolutionCases.exportRenamed.after);
    expect(info.targets.New).toMatchObject({ upserted: 0, calls: 0 });
    expect(world.database.contents()).toEqual(rebuilt);
    expect(await world.verbsFor(evolutionCases.exportRenamedAnew.after)).toEqual([
      ["create", "New", 0],
      ["drop", "New", 3],
    ]);
  });

  test("a compatible change of the spec writes nothing", async () => {
    const { verbs, changes, upserts, calls, info } = await evolve(evolutionCases.specCompatible);
    expect(verbs).toEqual([["alter", "Out", 0]]);
    expect(changes).toEqual(["out: rows -> rows"]);
    expect([upserts, calls]).toEqual([[], []]);
    expect(info.sources.pages).toMatchObject({ unchanged: 3, read: 0 });
  });

  test("a destructive change of the spec makes the table anew, under a new id that nothing old is filed under", async () => {
    const { verbs, changes, upserts, deletes, calls } = await evolve(evolutionCases.specDestructive);
    expect(verbs).toEqual([["rebuild", "Out", 3]]);
    expect(changes).toEqual(["out: rows -> null", "out: null -> columns"]);
    expect(upserts).toEqual(["p", "q", "r"]);
    expect([deletes, calls]).toEqual([[], []]);
    const stored = JSON.stringify(
      [...state.flows.values()].map(({ setup }) => new TextDecoder().decode(setup!)),
    );
    expect(stored).toContain('\\"id\\":2,');
    expect(stored).not.toContain('\\"engine\\":\\"rows\\"');
  });

  test("another version of the connector is lossy: rows are written again, and nothing is called", async () => {
    const { verbs, setup, upserts, calls } = await evolve(evolutionCases.versionBumped);
    expect(verbs).toEqual([["rewrite", "Out", 3]]);
    expect(setup.actions[0]).toMatchObject({ verdict: "lossy", destroys: false });
    expect(upserts).toEqual(["p", "q", "r"]);
    expect(calls).toEqual([]);
  });

  test("an index and an attachment reach the connector, and write no row", async () => {
    const index = await evolve(evolutionCases.indexAdded);
    expect([index.verbs, index.changes, index.upserts]).toEqual([
      [["alter", "Out", 0]],
      ["out: rows -> rows"],
      [],
    ]);
    world.close();
    world = new Evolution("Attached");
    world.use(openMemoryStore());
    const attachment = await evolve(evolutionCases.attachmentChanged);
    expect([attachment.verbs, attachment.changes, attachment.upserts]).toEqual([
      [["alter", "Out", 0]],
      ["out: rows -> rows"],
      [],
    ]);
  });

  test("two exports that swap their names keep backends and rows", async () => {
    const { verbs, changes, upserts, deletes, calls } = await evolve(evolutionCases.namesSwapped);
    expect([verbs, changes, upserts, deletes, calls]).toEqual([[], [], [], [], []]);
  });

  test("two exports that swap their backends write each row of both over, and delete none", async () => {
    const { verbs, upserts, deletes, calls } = await evolve(evolutionCases.backendsSwapped);
    expect(verbs).toEqual([
      ["alter", "A", 3],
      ["alter", "B", 3],
    ]);
    expect(upserts).toEqual(["p", "p", "q", "q", "r", "r"]);
    expect([deletes, calls]).toEqual([[], []]);
  });

  test("a target that the user sets up is never called for, whichever way that is toggled", async () => {
    const shape = (setupByUser: boolean) => ({
      ...evolutionCases.specCompatible.before,
      exports: [{ ...evolutionCases.specCompatible.before.exports[0]!, setupByUser }],
    });
    await world.build(shape(false));
    expect(await world.verbsFor(shape(true))).toEqual([["release", "Out", 0]]);
    await world.build(shape(true));
    const gone = { ...shape(true), exports: [] };
    expect(await world.verbsFor(gone)).toEqual([["drop", "Out", 3]]);
    const released = await world.define(gone).planSetup();
    expect(released.actions[0]).toMatchObject({ byUser: true, destroys: false });
    expect(await world.verbsFor(shape(false))).toEqual([["manage", "Out", 0]]);
    await world.build(shape(true));
    const { setup } = await world.evolve(gone);
    expect(setup.actions).toMatchObject([{ verb: "drop", byUser: true }]);
    expect(world.database.changes).toEqual([]);
    expect(world.database.rows("out")).toHaveLength(3);
  });
});

describe("sources", () => {
  /** Looks at the table at every mutate. */
  function watchRows(): number[] {
    const counts: number[] = [];
    world.database.observe = () => counts.push(world.database.rows("out").length);
    return counts;
  }

  test("a source that is renamed with renamedFrom keeps its rows, unread", async () => {
    await world.build(evolutionCases.sourceRenamed.before);
    const plan = await world.define(evolutionCases.sourceRenamed.after).planSetup();
    expect(plan.sourceChanges).toMatchObject([
      { change: "renamed", name: "leaves", formerName: "pages", rows: 3 },
    ]);
    expect(plan.actions).toEqual([]);
    const { info } = await world.evolve(evolutionCases.sourceRenamed.after);
    expect(info.sources).toMatchObject({ leaves: { unchanged: 3, read: 0 } });
    expect(world.database.upserts).toEqual([]);
  });

  test("a source that is renamed without renamedFrom hands its rows over: nothing is written or called", async () => {
    const counts = watchRows();
    await world.build(evolutionCases.sourceRenamedAnew.before);
    counts.length = 0;
    const plan = await world.define(evolutionCases.sourceRenamedAnew.after).planSetup();
    expect(plan.sourceChanges).toMatchObject([
      { change: "added", name: "leaves", rows: 0 },
      { change: "removed", name: "pages", rows: 3 },
    ]);
    const { info } = await world.evolve(evolutionCases.sourceRenamedAnew.after);
    expect(info.sources).toMatchObject({ leaves: { inserted: 3 }, pages: { deleted: 3 } });
    expect([world.database.upserts, world.database.deletes, world.calls, counts]).toEqual([[], [], [], []]);
    expect(world.database.rows("out")).toHaveLength(3);
  });

  test("a renamed source that cannot be listed, or whose rows fail, finds its rows when it recovers", async () => {
    const { before, after } = evolutionCases.sourceRenamedAnew;
    await world.build(before);
    const flow = world.define(after);
    await flow.setup();
    world.notebooks.pages.incomplete = "half of it";
    expect((await flow.update()).ok).toBe(false);
    world.notebooks.pages.incomplete = null;
    world.notebooks.pages.listingError = new Error("gone away");
    expect((await flow.update()).ok).toBe(false);
    world.notebooks.pages.listingError = null;
    world.database.at = (moment) => {
      if (moment === "mutate") throw new Error("read only");
    };
    world.notebooks.pages.write("p", "ape");
    expect((await flow.update()).ok).toBe(false);
    world.database.at = () => {};
    expect(world.database.rows("out")).toEqual(["p = ANT", "q = BEE", "r = CAT"]);
    world.database.forgetCounts();
    expect((await flow.update()).ok).toBe(true);
    expect([world.database.upserts, world.database.deletes]).toEqual([["p"], []]);
    expect((await flow.update()).sources).toEqual({ leaves: expect.objectContaining({ unchanged: 3 }) });
  });

  test("what a removed source alone had yielded goes, and what another yields too is handed over", async () => {
    const { before, after } = evolutionCases.sourceRemoved;
    await world.build(before);
    expect(world.database.rows("out")).toEqual(["m = DOG", "p = ANT", "q = ELK", "r = CAT"]);
    const counts = watchRows();
    const plan = await world.define(after).planSetup();
    expect(plan.sourceChanges).toMatchObject([{ change: "removed", name: "notes", rows: 2 }]);
    const { info } = await world.evolve(after);
    expect(info.targets.Out).toMatchObject({ upserted: 1, deleted: 1 });
    expect([world.database.upserts, world.database.deletes]).toEqual([["q"], ["m"]]);
    expect(Math.min(...counts)).toBe(3);
    expect(world.calls).toEqual([]);
  });

  test("a source that is added yields its rows beside the others", async () => {
    const { upserts, calls } = await evolve(evolutionCases.sourceAdded);
    expect(upserts).toEqual(["m", "q"]);
    expect(calls.sort()).toEqual(["shout dog", "shout elk"]);
  });

  test("sources that swap their names are read again, and cached functions are not called", async () => {
    const counts = watchRows();
    const { upserts, deletes, calls } = await evolve(evolutionCases.sourcesSwapped);
    expect(upserts).toEqual(["q"]);
    expect([deletes, calls]).toEqual([[], []]);
    expect(Math.min(...counts)).toBe(4);
  });

  test("a name that is taken again while its former source is not cleaned yet is that source again", async () => {
    const { before, after } = evolutionCases.sourceRemoved;
    await world.build(before);
    await world.define(after).setup();
    const flow = world.define(before);
    expect((await flow.planSetup()).sourceChanges).toMatchObject([
      { change: "added", name: "notes", rows: 2 },
    ]);
    await flow.setup();
    const info = await flow.update();
    expect(info.sources.notes).toMatchObject({ unchanged: 2, inserted: 0 });
  });

  test("a source that takes the name of one that left keeps its own rows", async () => {
    const { before, after } = evolutionCases.sourceRemoved;
    await world.build(before);
    await world.define(after).setup();
    const [pages] = after.sources;
    const taken = { ...after, sources: [{ ...pages!, name: "notes", renamedFrom: "pages" }] };
    expect((await world.define(taken).planSetup()).sourceChanges).toMatchObject([
      { change: "renamed", name: "notes", formerName: "pages", rows: 3 },
    ]);
    const { info } = await world.evolve(taken);
    expect(info.sources.notes).toMatchObject({ unchanged: 3, inserted: 0, deleted: 2 });
    expect(world.database.rows("out")).toEqual(["p = ANT", "q = BEE", "r = CAT"]);
  });

  test("renamedFrom takes nothing from a source that is still there", async () => {
    const { before } = evolutionCases.sourceAdded;
    await world.build(before);
    const beside = {
      ...before,
      sources: [{ name: "leaves", notebook: "notes", renamedFrom: "pages" }, ...before.sources],
    };
    const plan = await world.define(beside).planSetup();
    expect(plan.sourceChanges).toMatchObject([{ change: "added", name: "leaves" }]);
    const { info } = await world.evolve(beside);
    expect(info.sources).toMatchObject({ leaves: { inserted: 2 }, pages: { unchanged: 3 } });
  });

  test("nothing is said of sources where there was no setup before", async () => {
    const plan = await world.define(evolutionCases.sourceAdded.after).planSetup();
    expect(plan.sourceChanges).toEqual([]);
    expect(plan.actions).toMatchObject([{ verb: "create", rows: 0, sourceRows: 0 }]);
  });
});

test("everything at once ends as a rebuild would", async () => {
  const { verbs, calls } = await evolve(evolutionCases.everything);
  expect(verbs).toEqual([
    ["rebuild", "A", 4],
    ["create", "C", 0],
    ["drop", "A", 4],
  ]);
  expect(calls.sort()).toEqual(["measure ant", "measure bee", "measure cat"]);
});

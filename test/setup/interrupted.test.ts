import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SetupFlowOptions } from "../../src/index.ts";
import type { Design } from "../worlds/design.ts";
import { Evolution } from "../worlds/evolution.ts";
import { type EvolutionCase, evolutionCases } from "./evolution-cases.ts";
import { Fate, interruptEverywhere, lmdbHome, memoryHome, type StoreHome } from "./interruption.ts";

/*
 * Setup and update of each change of a flow's shape, stopped at each call of a port, before it and after its effect:
 * the process that comes next brings it to what a build from nothing would be.
 */

let world: Evolution;

beforeEach(() => {
  world = new Evolution();
});

afterEach(() => world.close());

/** Opens the home, does the work, and closes it as a process does that ends well. */
async function within(home: StoreHome, work: () => Promise<unknown>): Promise<void> {
  const { store, end } = await home.open();
  world.use(store);
  await work();
  await end();
}

/** Brings the flow to a shape in a clean run; a further update does nothing. */
async function settle(design: Design, options: SetupFlowOptions = {}): Promise<void> {
  const { flow } = await world.evolve(design, options);
  world.database.forgetCounts();
  world.calls.length = 0;
  expect((await flow.update()).ok).toBe(true);
  expect([world.database.upserts, world.database.deletes, world.calls]).toEqual([[], [], []]);
}

async function tryOut(design: Design, options: SetupFlowOptions = {}): Promise<void> {
  const flow = world.define(design);
  await flow.setup(options);
  await flow.update();
}

interface Evolving {
  readonly home: StoreHome;
  /** The shape that the next process has; the new one where left out. */
  readonly next?: Design;
  readonly fateAt?: (moment: number) => Fate;
}

const dying = (moment: number) => new Fate(moment);
const failingToChange = (moment: number) => new Fate(moment, ["change", "changed"]);

async function evolveInterrupted({ before, after }: EvolutionCase, evolving: Evolving): Promise<number> {
  const { home, next = after, fateAt = dying } = evolving;
  await within(home, () => world.build(before));
  const wanted = await world.rebuilt(next);
  return interruptEverywhere({
    world,
    home,
    fateAt,
    act: () => tryOut(after),
    goOn: () => settle(next),
    wanted,
  });
}

const cases: readonly EvolutionCase[] = Object.values(evolutionCases);

describe.each(cases)("when $name", (change) => {
  test("a process that ends anywhere is rolled forward", async () => {
    expect(await evolveInterrupted(change, { home: memoryHome() })).toBeGreaterThan(1);
  });

  test("a process that ends anywhere, and the change taken back, leave all as it was", async () => {
    await evolveInterrupted(change, { home: memoryHome(), next: change.before });
  });

  test("a connector that fails goes on from there", async () => {
    await evolveInterrupted(change, { home: memoryHome(), fateAt: failingToChange });
  });
});

test.each([evolutionCases.everything, evolutionCases.specDestructive, evolutionCases.sourceRenamedAnew])(
  "on disk, when $name, a process that ends anywhere is rolled forward",
  async (change) => {
    expect(await evolveInterrupted(change, { home: lmdbHome() })).toBeGreaterThan(4);
  },
);

const kept: Design = {
  sources: [
    { name: "pages", notebook: "pages" },
    { name: "notes", notebook: "notes" },
  ],
  exports: [{ name: "Out", table: "out", inspects: true, readsBack: true }],
};

test.each([
  ["in memory", memoryHome],
  ["on disk", lmdbHome],
])("%s, an adoption that is interrupted anywhere is rolled forward", async (_where, newHome) => {
  const [lost, home] = [memoryHome(), newHome()];
  await within(lost, () => world.build(kept));
  await within(home, async () => {});
  world.database.put("out", { id: "x" }, { text: "left over" });
  const moments = await interruptEverywhere({
    world,
    home,
    fateAt: dying,
    act: () => tryOut(kept, { adopt: true }),
    goOn: () => settle(kept, { adopt: true }),
    wanted: await world.rebuilt(kept),
  });
  expect(moments).toBeGreaterThan(6);
});

test("a drop that is interrupted anywhere goes on from there, and so does a setup in its place", async () => {
  const home = memoryHome();
  await within(home, () => world.build(evolutionCases.exportAdded.after));
  const drop = async () => {
    await world.define(evolutionCases.exportAdded.after).drop();
  };
  const rebuilt = await world.rebuilt(evolutionCases.exportAdded.after);
  const common = { world, home, fateAt: dying, act: drop };
  const before = structuredClone(world.database.tables);
  expect(await interruptEverywhere({ ...common, goOn: drop, wanted: [] })).toBeGreaterThan(6);
  world.database.reset(before);
  const setUpAgain = () => settle(evolutionCases.exportAdded.after);
  await interruptEverywhere({ ...common, goOn: setUpAgain, wanted: rebuilt });
});

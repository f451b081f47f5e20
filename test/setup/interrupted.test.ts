import { afterEach, describe, expect, test } from "vitest";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import type { Design } from "../worlds/design.ts";
import { Evolution } from "../worlds/evolution.ts";
import { copyOfState, leftInStore } from "../worlds/left-in-store.ts";
import { watchedStore } from "../worlds/mortal-store.ts";
import { type EvolutionCase, evolutionCases } from "./evolution-cases.ts";

/*
 * Setup and update of each change of a flow's shape, stopped at each call of a port, before it and after its effect:
 * the process that comes next brings it to what a build from nothing would be.
 */

let world: Evolution;

afterEach(() => world.close());

/** Ends the process at the n-th moment; what it does after that has no effect. */
class Fate {
  reached = 0;
  struck = false;
  readonly #fatal: number;
  readonly #only: ReadonlySet<string> | null;

  /** With `only`, just these moments count, and what fails is that one call: the process goes on. */
  constructor(fatal: number, only: readonly string[] | null = null) {
    this.#fatal = fatal;
    this.#only = only && new Set(only);
  }

  readonly at = (moment: string): void => {
    if (this.#only && !this.#only.has(moment)) return;
    this.reached++;
    if (this.#only ? this.reached !== this.#fatal : this.reached < this.#fatal) return;
    this.struck = true;
    throw new Error(`power cut at ${moment}`);
  };
}

interface Built {
  readonly state: MemoryState;
  readonly tables: Evolution["warehouse"]["tables"];
}

async function buildOnce(design: Design): Promise<Built> {
  world = new Evolution();
  const state = new MemoryState();
  world.use(openMemoryStore({ state }));
  await world.build(design);
  return { state, tables: world.warehouse.tables };
}

/** A world as it was when it was built. */
function comeBackTo({ state, tables }: Built): MemoryState {
  world.warehouse.tables.clear();
  for (const [name, table] of tables) world.warehouse.tables.set(name, table);
  return copyOfState(state, new MemoryState());
}

/** Sets up and updates until the fate strikes. Resolves to whether it did. */
async function interrupt(state: MemoryState, design: Design, fate: Fate): Promise<boolean> {
  const store = openMemoryStore({ state });
  world.use(watchedStore(store, fate.at));
  world.warehouse.at = fate.at;
  try {
    const flow = world.define(design);
    await flow.setup();
    await flow.update();
  } catch (thrown) {
    expect(String(thrown)).toMatch(/power cut|store was closed|setup/);
  }
  store.kill();
  world.warehouse.at = () => {};
  return fate.struck;
}

async function goOn(state: MemoryState, design: Design): Promise<void> {
  world.use(openMemoryStore({ state }));
  const { flow } = await world.evolve(design);
  world.warehouse.forgetCounts();
  world.calls.length = 0;
  expect((await flow.update()).ok).toBe(true);
  expect([world.warehouse.upserts, world.warehouse.deletes, world.calls]).toEqual([[], [], []]);
  expect(leftInStore(state)).toEqual([]);
}

const cases: readonly EvolutionCase[] = Object.values(evolutionCases);

/** Every moment, one after the other; resolves to how many there were. */
async function atEachMoment(
  { before, after }: EvolutionCase,
  { next, fateAt }: { readonly next: Design; readonly fateAt: (moment: number) => Fate },
): Promise<number> {
  const built = await buildOnce(before);
  const tables = structuredClone(built.tables);
  const rebuilt = await world.rebuilt(next);
  for (let moment = 1; ; moment++) {
    const state = comeBackTo({ state: built.state, tables: structuredClone(tables) });
    const struck = await interrupt(state, after, fateAt(moment));
    await goOn(state, next);
    expect(world.warehouse.contents(), `stopped at moment ${moment}`).toEqual(rebuilt);
    if (!struck) return moment - 1;
  }
}

describe.each(cases)("$name", (change) => {
  test("stopped anywhere, it is rolled forward", async () => {
    const moments = await atEachMoment(change, { next: change.after, fateAt: (moment) => new Fate(moment) });
    expect(moments).toBeGreaterThan(1);
  });

  test("stopped anywhere, and taken back, it is as it was", async () => {
    await atEachMoment(change, { next: change.before, fateAt: (moment) => new Fate(moment) });
  });

  test("where a connector fails to change a backend, setup goes on from there", async () => {
    const fateAt = (moment: number) => new Fate(moment, ["change", "changed"]);
    await atEachMoment(change, { next: change.after, fateAt });
  });
});

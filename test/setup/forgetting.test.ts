import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EngineEvent } from "../../src/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import type { Design, ExportDesign } from "../worlds/design.ts";
import { Evolution } from "../worlds/evolution.ts";
import { forgetConnector } from "../worlds/forget-connector.ts";

let world: Evolution;
let state: MemoryState;

beforeEach(() => {
  world = new Evolution();
  state = new MemoryState();
  world.use(openMemoryStore({ state }));
});

afterEach(() => world.close());

const staying: ExportDesign = { name: "A", table: "a", kind: "staying" };
const leaving: ExportDesign = { name: "B", table: "b", kind: "leaving" };

function design(...exports: ExportDesign[]): Design {
  return { sources: [{ name: "pages", notebook: "pages" }], exports };
}

function failToChange(table: string): void {
  world.database.at = (moment) => {
    if (moment === "change" && world.database.changes.at(-1)?.startsWith(`${table}:`))
      throw new Error("permission denied");
  };
}

describe("an export that left, whose connector is gone too", () => {
  beforeEach(async () => {
    await world.build(design(staying, leaving));
    forgetConnector("leaving");
  });

  test("stays recorded and is reported at every setup, and the rest is done", async () => {
    const wanted = design({ ...staying, comment: "changed" });
    const flow = world.define(wanted);
    const { actions } = await flow.planSetup();
    expect(actions).toMatchObject([
      { verb: "alter", name: "A" },
      { verb: "drop", name: "B", connector: null, rows: 3 },
    ]);
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(flow.setup()).rejects.toMatchObject({
        code: "connector-missing",
        message: 'drop leaving "b": no target of kind leaving is defined',
        hint: expect.stringContaining("--forget"),
        exitCode: 3,
      });
    }
    expect(world.database.changes).toEqual(["a: rows -> rows"]);
    await expect(flow.update()).rejects.toMatchObject({ code: "setup-needed" });
    world.database.target({ kind: "leaving" });
    await flow.setup();
    expect([...world.database.tables.keys()]).toEqual(["a"]);
  });

  test("is let go of with forget, which tells what it leaves behind", async () => {
    const flow = world.define(design(staying));
    expect((await flow.planSetup({ forget: true })).actions).toMatchObject([
      { verb: "forget", name: "B", destroys: false, rows: 3 },
    ]);
    const events: EngineEvent[] = [];
    const result = await flow.setup({ forget: true, report: (event) => events.push(event) });
    expect(result.leftBehind).toMatchObject([{ name: "B", targetKind: "leaving", key: "b" }]);
    expect(events).toMatchObject([
      { kind: "backend-left", target: "B", error: { code: "connector-missing" } },
    ]);
    expect(world.database.rows("b")).toHaveLength(3);
    expect((await flow.planSetup()).actions).toEqual([]);
    expect((await flow.update()).ok).toBe(true);
  });

  test("is let go of when the flow is dropped with forget, and reported when it is dropped without", async () => {
    const flow = world.define(design(staying));
    await expect(flow.drop()).rejects.toMatchObject({ code: "connector-missing" });
    expect([...world.database.tables.keys()]).toEqual(["b"]);
    const plan = await flow.planDrop();
    expect(plan.actions).toMatchObject([{ verb: "drop", name: "B" }]);
    const { leftBehind } = await flow.drop({ forget: true });
    expect(leftBehind).toMatchObject([{ name: "B" }]);
    expect(state.flows.get("Design" as never)?.setup).toBeNull();
  });

  test("comes back to life with its connector: what may be there is made anew", async () => {
    await expect(world.define(design(staying)).setup()).rejects.toMatchObject({ code: "connector-missing" });
    world.database.put("b", { id: "x" }, { text: "left over" });
    await world.evolve(design(staying, leaving));
    expect(world.database.rows("b")).toEqual(["p = ANT", "q = BEE", "r = CAT"]);
  });
});

test("a backend that the user sets up needs no connector to be let go of", async () => {
  const byUser = { ...leaving, setupByUser: true };
  await world.build(design(staying, leaving));
  await world.build(design(staying, byUser));
  forgetConnector("leaving");
  const flow = world.define(design(staying));
  const { leftBehind } = await flow.setup();
  expect(leftBehind).toEqual([]);
  expect(world.database.rows("b")).toHaveLength(3);
});

describe("a backend that fails to drop", () => {
  test("stays recorded and is reported, and only it is tried again", async () => {
    await world.build(design(staying, leaving));
    failToChange("b");
    const flow = world.define(design(staying, leaving));
    await expect(flow.drop()).rejects.toMatchObject({
      code: "setup-failed",
      message: "drop table b: permission denied",
    });
    expect([...world.database.tables.keys()]).toEqual(["b"]);
    expect((await flow.planDrop()).actions).toMatchObject([{ name: "B", destroys: true }]);
    world.database.at = () => {};
    world.database.forgetCounts();
    await flow.drop();
    expect(world.database.changes).toEqual(["b: rows -> null"]);
    expect(world.database.tables.size).toBe(0);
    expect(state.flows.get("Design" as never)?.sources.size).toBe(0);
  });

  test("is left behind with forget, and the others are dropped", async () => {
    await world.build(design(staying, leaving));
    failToChange("b");
    const events: EngineEvent[] = [];
    const flow = world.define(design(staying, leaving));
    const { leftBehind } = await flow.drop({ forget: true, report: (event) => events.push(event) });
    expect(leftBehind).toMatchObject([{ name: "B" }]);
    expect(events).toMatchObject([
      { kind: "setup-applied", verb: "drop", target: "A" },
      { kind: "backend-left", target: "B", error: { message: "drop table b: permission denied" } },
    ]);
    expect([...world.database.tables.keys()]).toEqual(["b"]);
    expect(state.flows.get("Design" as never)?.setup).toBeNull();
  });

  test("does not let setup forget a backend that the flow needs", async () => {
    await world.build(design(staying));
    failToChange("a");
    const flow = world.define(design({ ...staying, engine: "columns" }));
    await expect(flow.setup({ forget: true })).rejects.toMatchObject({ code: "setup-failed" });
    world.database.at = () => {};
    await flow.setup();
    await flow.update();
    expect(world.database.rows("a")).toHaveLength(3);
  });
});

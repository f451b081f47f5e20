import { beforeEach, describe, expect, test } from "vitest";
import { defineFlow, type Flow } from "../../src/index.ts";
import { Database } from "../worlds/database.ts";
import { leftInStore } from "../worlds/left-in-store.ts";
import { Notebook } from "../worlds/notebook.ts";
import { textFunction } from "../worlds/text-function.ts";
import { until } from "../worlds/until.ts";
import { useLive } from "../worlds/use-live.ts";

const live = useLive();
let database: Database;
let other: Notebook;
let broken: boolean;

beforeEach(() => {
  database = new Database();
  other = new Notebook();
  broken = false;
});

const fragile = textFunction("fragile", (text) => {
  if (broken && text === "bad") throw new Error("boom");
  return text.toUpperCase();
});

/** A followed source, and a second one that is listed every ten seconds. */
function define(first: string | null, second: string | null): Flow {
  live.world.closeFlows();
  return live.world.keep(
    defineFlow("Clearing", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      const sources = [
        first === null ? [] : [builder.addSource(first, live.feed.source(live.notebook)({}))],
        second === null ? [] : [builder.addSource(second, other.source()({}), { refreshInterval: "10s" })],
      ].flat();
      for (const source of sources)
        source.forEachRow((page) => out.collect({ id: page.id, text: page.text.transform(fragile) }));
      const target = database.target({ inspects: true, readsBack: true });
      out.export("Out", target({ table: "out" }), { primaryKeyFields: ["id"] });
    }),
  );
}

const rows = () => database.rows("out");

describe("what a source yielded that left the definition", () => {
  async function built(): Promise<void> {
    live.notebook.write("a", "one");
    other.write("o", "other");
    const flow = define("pages", "notes");
    await flow.setup();
    await flow.update();
    expect(rows()).toEqual(["a = ONE", "o = OTHER"]);
  }

  test("goes after a whole first pass", async () => {
    await built();
    await live.follow(define("pages", null));
    expect(rows()).toEqual(["a = ONE"]);
    expect(leftInStore(live.world.state)).toEqual([]);
  });

  test("stays as long as another source cannot be listed, and goes once it can", async () => {
    await built();
    live.notebook.listingError = new Error("down");
    const flow = define("renamed", null);
    await flow.setup();
    const updater = live.updater(flow);
    await updater.start();
    await until(() => updater.updateStats().state === "following");
    live.edit("b", "two");
    await until(() => rows().includes("b = TWO"));
    await live.clock.pass(3_000);
    expect(rows()).toEqual(["a = ONE", "b = TWO", "o = OTHER"]);
    live.notebook.listingError = null;
    await live.clock.pass(10_000);
    await until(() => rows().length === 2);
    // Nothing was away in between.
    expect(database.deletes).toEqual(["o"]);
    await until(() => leftInStore(live.world.state).length === 0);
  });

  test("stays as long as a new row fails, and goes once it does not", async () => {
    await built();
    broken = true;
    live.notebook.write("b", "bad");
    await live.follow(define("pages", null));
    await live.clock.pass(3_000);
    expect(rows()).toEqual(["a = ONE", "o = OTHER"]);
    broken = false;
    await live.clock.pass(11_000);
    await until(() => rows().join() === "a = ONE,b = BAD");
    await until(() => leftInStore(live.world.state).length === 0);
  });
});

describe("what an adopted target held before", () => {
  /** The store is lost, and the target is taken over. */
  async function adopt(): Promise<Flow> {
    live.notebook.write("a", "one");
    live.notebook.write("b", "two");
    other.write("o", "other");
    const flow = define("pages", "notes");
    await flow.setup();
    await flow.update();
    live.forgetStore();
    database.put("out", { id: "left" }, { text: "OVER" });
    await flow.setup({ adopt: true });
    return flow;
  }

  test("goes after a whole first pass", async () => {
    await live.follow(await adopt());
    expect(rows()).toEqual(["a = ONE", "b = TWO", "o = OTHER"]);
    expect(database.deletes).toEqual(["left"]);
  });

  test("stays as long as a source cannot be listed, and goes once it can", async () => {
    const flow = await adopt();
    other.listingError = new Error("down");
    await live.follow(flow);
    await live.clock.pass(60_000);
    expect(rows()).toContain("left = OVER");
    other.listingError = null;
    await live.clock.pass(61_000);
    await until(() => rows().length === 3);
    expect(database.deletes).toEqual(["left"]);
  });

  test("is held where it is too much, and that is said once", async () => {
    const flow = await adopt();
    for (let at = 0; at < 40; at++) database.put("out", { id: `left ${at}` }, { text: "OVER" });
    live.forgetStore();
    await flow.setup({ adopt: true });
    await live.follow(flow);
    await live.clock.pass(60_000);
    expect(live.heard("deletions-held")).toMatchObject([{ source: null, target: "Out", rows: 41 }]);
    expect((await flow.update({ allowDeletions: true })).ok).toBe(true);
    expect(rows()).toHaveLength(3);
  });
});

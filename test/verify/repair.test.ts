import { describe, expect, test } from "vitest";
import { configure, type EngineEvent } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { failingStore } from "../worlds/failing-store.ts";
import { hastyClock } from "../worlds/hasty-clock.ts";
import { textFunction } from "../worlds/text-function.ts";
import { type TextFunction, useWorld } from "../worlds/use-world.ts";

const world = useWorld();
const shelf = () => world.library.shelves.get("s")!;

let computed: string[] = [];
let broken: string | null = null;

function shout(cache: boolean): TextFunction {
  const run = (text: string) => {
    if (text === broken) throw new Error(`cannot shout ${text}`);
    computed.push(text);
    return text.toUpperCase();
  };
  return textFunction("shout", run, { cache });
}

/** A flow whose pages are on the shelf, through a function. */
async function shoutedPages(count: number, { cache = true } = {}) {
  broken = null;
  world.write(count);
  const flow = world.define("Docs", { through: shout(cache) });
  await flow.setup();
  await flow.update();
  world.library.forgetCounts();
  world.notebook.reads = 0;
  computed = [];
  return flow;
}

/** Two rows missing, one different, two extra. */
function damage(): void {
  shelf().delete("p0001");
  shelf().delete("p0007");
  shelf().set("p0003", { text: "edited" });
  shelf().set("x", { text: "extra" });
  shelf().set("y", 7);
}

test("writes and deletes just what is not as it should be, and computes nothing again", async () => {
  const flow = await shoutedPages(100);
  const before = world.library.rows("s");
  damage();
  const info = await flow.verify({ repair: true });
  expect(info).toMatchObject({
    targets: {
      Out: { expected: 100, found: 100, missing: 0, extra: 0, different: 0, pending: 0, findings: [] },
    },
    repair: { targets: { Out: { written: 3, deleted: 2 } }, failures: [], refused: [] },
    ok: true,
  });
  expect(world.library.rows("s")).toEqual(before);
  expect(world.library.upserts.sort()).toEqual(["p0001", "p0003", "p0007"]);
  expect(world.library.deletes).toEqual(["x", "y"]);
  expect(world.notebook.reads).toBe(3);
  expect(computed).toEqual([]);
});

test("leaves nothing for the next update, and nothing to repair", async () => {
  const flow = await shoutedPages(10);
  damage();
  await flow.verify({ repair: true });
  world.library.forgetCounts();
  world.notebook.reads = 0;
  const info = await flow.update();
  expect(info.sources.pages).toMatchObject({ unchanged: 10, reprocessed: 0 });
  expect(await flow.verify({ repair: true })).toMatchObject({ repair: { targets: {} }, ok: true });
  expect([world.library.calls, world.notebook.reads]).toEqual([0, 0]);
});

test("without repair nothing is written, neither to target nor store", async () => {
  const flow = await shoutedPages(10);
  damage();
  const death = failingStore(world.state, 1, "before");
  configure({ store: death.store });
  expect((await flow.verify()).ok).toBe(false);
  expect(death.writes).toBe(0);
  expect(world.library.calls).toBe(0);
});

test("a whole target that was emptied is written again", async () => {
  const flow = await shoutedPages(700);
  const before = world.library.rows("s");
  shelf().clear();
  const info = await flow.verify({ repair: true });
  expect(info).toMatchObject({ repair: { targets: { Out: { written: 700, deleted: 0 } } }, ok: true });
  expect(world.library.rows("s")).toEqual(before);
  expect(computed).toEqual([]);
});

test("a row that fails stays reported, is pending, and mends with the next update", async () => {
  const flow = await shoutedPages(10, { cache: false });
  damage();
  broken = "text 1";
  const info = await flow.verify({ repair: true });
  expect(info.ok).toBe(false);
  expect(info.repair!.failures).toMatchObject([
    { source: "pages", row: "p0001", error: { code: "function-failed", message: "cannot shout text 1" } },
  ]);
  expect(info.targets.Out).toMatchObject({ missing: 0, extra: 0, different: 0, pending: 1 });
  expect(info.targets.Out!.findings).toEqual([
    {
      kind: "pending",
      key: "p0001",
      from: { source: "pages", row: "p0001" },
      reason: "a write of it failed, was interrupted or is still to come",
    },
  ]);
  expect(await flow.verify()).toMatchObject({ targets: { Out: { pending: 1 } }, ok: false });
  const again = await flow.verify({ repair: true });
  expect(again.repair!.failures).toMatchObject([{ row: "p0001" }]);
  broken = null;
  expect((await flow.update()).ok).toBe(true);
  expect((await flow.verify()).ok).toBe(true);
});

test("a row whose source is gone is not written, and goes with the next update", async () => {
  const flow = await shoutedPages(10);
  shelf().delete("p0001");
  world.notebook.remove("p0001");
  const info = await flow.verify({ repair: true });
  expect(info).toMatchObject({ targets: { Out: { missing: 0, pending: 1 } }, ok: false });
  expect(world.library.upserts).toEqual([]);
  await flow.update();
  expect(await flow.verify()).toMatchObject({ targets: { Out: { expected: 9, found: 9 } }, ok: true });
});

test("a page that was edited meanwhile is written as it is now", async () => {
  const flow = await shoutedPages(10);
  shelf().delete("p0001");
  world.notebook.write("p0001", "edited");
  world.notebook.write("p0002", "edited too");
  await flow.verify({ repair: true });
  expect(shelf().get("p0001")).toEqual({ text: "EDITED" });
  expect(world.library.upserts).toEqual(["p0001"]);
  expect((await flow.update()).sources.pages).toMatchObject({ updated: 1, unchanged: 9 });
});

test("a target that takes no deletions is told, and its missing rows are written all the same", async () => {
  const flow = await shoutedPages(10);
  damage();
  world.library.before = (rows) => {
    if (rows.some(({ id, value }) => id === "x" && value === null)) throw new Error("x is sacred");
  };
  const info = await flow.verify({ repair: true });
  expect(info.repair).toMatchObject({
    targets: { Out: { written: 3, deleted: 1 } },
    refused: [{ target: "Out", error: { code: "mutate-failed", message: "x is sacred" } }],
  });
  expect(info).toMatchObject({ targets: { Out: { missing: 0, extra: 1 } }, ok: false });
});

test("a target that takes no writes leaves its rows pending", async () => {
  const flow = await shoutedPages(10);
  damage();
  world.library.before = (rows) => {
    if (rows.some(({ id }) => id === "p0003")) throw new Error("p0003 is sacred");
  };
  const info = await flow.verify({ repair: true });
  expect(info.repair!.failures).toMatchObject([{ row: "p0003", error: { code: "mutate-failed" } }]);
  expect(info).toMatchObject({ targets: { Out: { missing: 0, different: 0, pending: 1 } }, ok: false });
  world.library.before = () => {};
  await flow.update();
  expect((await flow.verify()).ok).toBe(true);
});

describe("so many extra rows that the store may have been lost", () => {
  test("are held for approval", async () => {
    const flow = await shoutedPages(10);
    for (let i = 0; i < 11; i++) shelf().set(`extra ${i}`, { text: "" });
    const held = await flow.verify({ repair: true });
    expect(held.repair!.refused).toMatchObject([
      {
        target: "Out",
        error: {
          code: "deletions-held",
          message: "11 of 21 rows, more than half, are extra",
          where: { flow: "Docs", target: "Out" },
        },
      },
    ]);
    expect(held).toMatchObject({ targets: { Out: { extra: 11 } }, ok: false });
    expect((await flow.verify({ repair: true, allowDeletions: 10 })).ok).toBe(false);
    expect(world.library.deletes).toEqual([]);
    expect((await flow.verify({ repair: true, allowDeletions: 11 })).ok).toBe(true);
    expect(world.library.deletes).toHaveLength(11);
  });

  test("all of them, where no record has any", async () => {
    const flow = world.define("Docs");
    await flow.setup();
    shelf().set("x", { text: "" });
    expect((await flow.verify({ repair: true })).ok).toBe(true);
    for (const id of ["x", "y"]) shelf().set(id, { text: "" });
    const held = await flow.verify({ repair: true });
    expect(held.repair!.refused).toMatchObject([
      {
        error: { message: "all 2 rows are extra" },
      },
    ]);
    expect((await flow.verify({ repair: true, allowDeletions: true })).ok).toBe(true);
  });

  test("more of them than are kept at once are deleted in rounds", async () => {
    const flow = await shoutedPages(1);
    for (let i = 0; i < 50_010; i++) shelf().set(`extra ${i}`, { text: "" });
    const info = await flow.verify({ repair: true, allowDeletions: true });
    expect(info).toMatchObject({ repair: { targets: { Out: { written: 0, deleted: 50_010 } } }, ok: true });
  });
});

describe("interrupted", () => {
  /** Repairs with a store whose n-th write fails, or with a target that dies; then what the next process makes of it. */
  test.each(["before", "after"] as const)(
    "by the store %s any of its writes, heals with the next update",
    async (when) => {
      const flow = await shoutedPages(10);
      const before = world.library.rows("s");
      for (let nth = 1; ; nth++) {
        damage();
        const death = failingStore(world.state, nth, when);
        configure({ store: death.store });
        const outcome = await flow.verify({ repair: true }).catch((error: unknown) => error);
        death.store.kill();
        configure({ store: openMemoryStore({ state: world.state }) });
        if (death.writes < nth) {
          expect(outcome).toMatchObject({ ok: true });
          expect(nth).toBeGreaterThan(3);
          return;
        }
        expect(outcome).toMatchObject({ code: "store-full" });
        await flow.update();
        // What never reached the store is not known to any update.
        if (nth === 1 && when === "before") await flow.verify({ repair: true });
        expect(world.library.rows("s")).toEqual(before);
        expect((await flow.verify()).ok).toBe(true);
        expect(computed).toEqual([]);
      }
    },
  );

  test("on request, leaves the rest for the next time", async () => {
    const flow = await shoutedPages(10);
    const before = world.library.rows("s");
    damage();
    const stop = new AbortController();
    world.library.after = (rows) => {
      if (rows.some(({ value }) => value === null)) stop.abort();
    };
    await expect(flow.verify({ repair: true, signal: stop.signal })).rejects.toMatchObject({
      code: "interrupted",
    });
    world.library.after = () => {};
    expect(world.library.deletes).toEqual(["x", "y"]);
    await flow.verify({ repair: true });
    expect(world.library.rows("s")).toEqual(before);
  });
});

describe("a lease whose time is over", () => {
  const timedStore = (now: () => number) =>
    openMemoryStore({ state: world.state, leaseMs: 1_000, clock: { ...hastyClock, now } });

  test("while the target is read ends the verification: somebody else may write", async () => {
    const flow = await shoutedPages(10);
    damage();
    let now = 0;
    configure({ store: timedStore(() => now) });
    world.library.beforeReadBack = () => {
      now += 1_000;
    };
    await expect(flow.verify()).rejects.toMatchObject({ code: "store-fenced", exitCode: 6 });
  });

  test("while extra rows are deleted ends the repair", async () => {
    const flow = await shoutedPages(3_000);
    for (let i = 0; i < 1_100; i++) shelf().set(`extra ${i}`, {});
    let now = 0;
    configure({ store: timedStore(() => now) });
    world.library.after = () => {
      now += 1_000;
    };
    await expect(flow.verify({ repair: true })).rejects.toMatchObject({ code: "store-fenced" });
    expect(world.library.deletes).toHaveLength(1_024);
    now += 10_000;
    world.library.after = () => {};
    expect((await flow.verify({ repair: true })).ok).toBe(true);
  });
});

test("what it does is told as it does it", async () => {
  const flow = await shoutedPages(10);
  damage();
  const events: EngineEvent[] = [];
  await flow.verify({ repair: true, report: (event) => void events.push(event) });
  const told = events.flatMap((event) => {
    if (event.kind === "target-read") return [`read ${event.rows}`];
    if (event.kind === "target-verified") return [`verified, ${event.verification.missing} missing`];
    if (event.kind === "target-written") return [`written ${event.upserted}, deleted ${event.deleted}`];
    return event.kind === "row-done" ? [`${event.row} ${event.outcome}: ${event.reason}`] : [];
  });
  expect(told.slice(0, 3)).toEqual(["read 10", "verified, 2 missing", "written 0, deleted 2"]);
  const rows = ["p0001", "p0003", "p0007"].map((row) => `${row} reprocessed: pending`);
  expect(
    told
      .slice(3, -2)
      .filter((text) => !text.startsWith("written"))
      .sort(),
  ).toEqual(rows);
  expect(told.slice(-2)).toEqual(["read 10", "verified, 0 missing"]);
});

test("a report that throws stops nothing, and is heard of at the end", async () => {
  const flow = await shoutedPages(10);
  damage();
  const report = () => {
    throw new Error("no paper");
  };
  await expect(flow.verify({ repair: true, report })).rejects.toThrow("no paper");
  expect((await flow.verify()).ok).toBe(true);
});

import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { FlowId, TargetId } from "../../src/contracts/state-store.ts";
import { ownerWrite } from "../../src/engine/owners.ts";
import { configure, defineFlow, defineFunction, type Flow } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { fingerprint } from "../../src/values/index.ts";
import { failingStore } from "../worlds/failing-store.ts";
import { Notebook } from "../worlds/notebook.ts";
import { textFunction } from "../worlds/text-function.ts";
import { useWorld } from "../worlds/use-world.ts";

/*
 * Two sources of pages; a page holds lines `key value`, and each line is a target row. Keys that several lines have
 * are kept by key and not by page.
 */

const world = useWorld();
const id = "Shared" as FlowId;
let other: Notebook;
let calls: string[];
let failing: string | null;

beforeEach(() => {
  other = new Notebook();
  calls = [];
  failing = null;
});

const lines = defineFunction({
  name: "lines",
  version: 1,
  cache: true,
  input: { text: z.string() },
  output: z.array(z.object({ key: z.string(), value: z.string() })),
  run({ text }) {
    calls.push(text);
    return text.split("\n").map((line) => ({ key: line.split(" ")[0]!, value: line.split(" ")[1]! }));
  },
});

const checked = textFunction("checked", (text) => {
  if (text === failing) throw new Error("not today");
  return text;
});

function define(onDuplicateKey: "first" | "error" = "first"): Flow {
  return world.keep(
    defineFlow("Shared", (builder) => {
      const out = builder.addCollector<{ id: string; value: string }>();
      for (const [name, pages] of [
        ["a", world.notebook],
        ["b", other],
      ] as const) {
        builder.addSource(name, pages.source({ ordered: true })({})).forEachRow((page) => {
          const text = page.text.transform(checked);
          text.transform(lines).forEachRow((line) => out.collect({ id: line.key, value: line.value }));
        });
      }
      out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"], onDuplicateKey });
    }),
  );
}

const shelf = () => world.library.shelves.get("s")!;

/** `k` is claimed three times and won by a page of source a; `x` and `y` by one page each. */
async function threeClaims(onDuplicateKey: "first" | "error" = "first") {
  world.notebook.write("p1", "k first\nx 1");
  world.notebook.write("p2", "k second");
  other.write("q", "k third\ny 2\nz 3");
  const flow = define(onDuplicateKey);
  await flow.setup();
  await flow.update();
  world.library.forgetCounts();
  calls = [];
  return flow;
}

test("a key that several rows claim is expected once, with the winner's value", async () => {
  const flow = await threeClaims();
  expect(await flow.verify()).toMatchObject({
    targets: { Out: { expected: 4, found: 4, findings: [] } },
    ok: true,
  });
  shelf().set("k", { value: "second" });
  shelf().delete("y");
  const { targets } = await flow.verify();
  expect(targets.Out!.findings).toEqual([
    { kind: "missing", key: "y", from: { source: "b", row: "q" }, reason: null },
    { kind: "different", key: "k", from: { source: "a", row: "p1" }, reason: null },
  ]);
});

test("a repair has the winner write it, and nobody else", async () => {
  const flow = await threeClaims();
  const before = world.library.rows("s");
  shelf().set("k", { value: "second" });
  shelf().delete("y");
  shelf().set("extra", {});
  world.notebook.reads = 0;
  other.reads = 0;
  const info = await flow.verify({ repair: true });
  expect(info).toMatchObject({
    repair: { targets: { Out: { written: 2, deleted: 1 } }, failures: [] },
    ok: true,
  });
  expect(world.library.rows("s")).toEqual(before);
  expect([world.library.upserts.sort(), world.library.deletes]).toEqual([["k", "y"], ["extra"]]);
  expect([world.notebook.reads, other.reads, calls]).toEqual([1, 1, []]);
  world.library.forgetCounts();
  expect((await flow.update()).ok).toBe(true);
  expect(world.library.calls).toBe(0);
});

test("an interrupted repair is healed by the next update", async () => {
  const flow = await threeClaims();
  const before = world.library.rows("s");
  for (const when of ["before", "after"] as const) {
    for (let nth = 1; ; nth++) {
      shelf().clear();
      const death = failingStore(world.state, nth, when);
      configure({ store: death.store });
      const outcome = await flow.verify({ repair: true }).catch((error: unknown) => error);
      death.store.kill();
      configure({ store: openMemoryStore({ state: world.state }) });
      if (death.writes < nth) break;
      expect(outcome).toMatchObject({ code: "store-full" });
      await flow.update();
      if (nth === 1 && when === "before") await flow.verify({ repair: true });
      expect(world.library.rows("s")).toEqual(before);
      expect((await flow.verify()).ok).toBe(true);
    }
  }
});

describe("what is still to come", () => {
  test("a key whose winner fails is pending after a repair, and keeps what it has", async () => {
    const flow = await threeClaims();
    shelf().set("k", { value: "edited" });
    failing = "k first\nx 1";
    const info = await flow.verify({ repair: true });
    expect(info.repair!.failures).toMatchObject([
      { source: "a", row: "p1", error: { message: "not today" } },
    ]);
    expect(info).toMatchObject({ targets: { Out: { different: 0, pending: 1 } }, ok: false });
    expect(info.targets.Out!.findings).toMatchObject([{ kind: "pending", key: "k", from: { row: "p1" } }]);
    failing = null;
    expect((await flow.verify({ repair: true })).ok).toBe(true);
    expect(shelf().get("k")).toEqual({ value: "first" });
  });

  test("a key that nobody claims and that could not be deleted is pending, and a repair deletes it", async () => {
    const flow = await threeClaims();
    world.notebook.write("p1", "k first");
    world.library.before = (rows) => {
      if (rows.some(({ value }) => value === null)) throw new Error("nothing goes");
    };
    expect((await flow.update()).ok).toBe(false);
    const { targets } = await flow.verify();
    expect(targets.Out).toMatchObject({ expected: 4, missing: 0, extra: 0, pending: 1 });
    expect(targets.Out!.findings).toMatchObject([{ kind: "pending", key: "x", from: null }]);
    world.library.before = () => {};
    expect((await flow.verify({ repair: true })).ok).toBe(true);
    expect([...shelf().keys()].sort()).toEqual(["k", "y", "z"]);
  });

  test("a key that was there before any row claimed it is left to the next update", async () => {
    const flow = await threeClaims();
    const lease = await openMemoryStore({ state: world.state }).acquireLease(id, { purpose: "test" });
    const store = openMemoryStore({ state: world.state });
    const { generation, number } = lease;
    const record = { claims: [], states: [fingerprint("what it is")], owed: false, failure: null };
    const key = flow.plan.exports[0]!.keyCodec.encode({ id: "adopted" });
    const target = 1 as TargetId;
    await store.write({
      fence: { flow: id, number, generation },
      owners: [ownerWrite({ target, key }, record)],
    });
    await lease.release();
    shelf().set("adopted", { value: "?" });
    const { targets } = await flow.verify({ repair: true });
    expect(targets.Out).toMatchObject({ expected: 5, extra: 0, pending: 1 });
    expect(targets.Out!.findings).toMatchObject([
      {
        kind: "pending",
        key: "adopted",
        from: null,
        reason: expect.stringContaining("no update has seen yet"),
      },
    ]);
    expect(world.library.calls).toBe(0);
  });

  test("keys that two rows must not claim are right at the target, though rows fail for them", async () => {
    const flow = await threeClaims("error");
    expect(await flow.verify()).toMatchObject({ targets: { Out: { expected: 4, pending: 0 } }, ok: true });
    shelf().delete("k");
    const info = await flow.verify({ repair: true });
    expect(info.repair!.targets).toEqual({ Out: { written: 1, deleted: 0 } });
    expect(info.targets.Out).toMatchObject({ missing: 0, pending: 0 });
    expect(shelf().get("k")).toEqual({ value: "first" });
    expect((await flow.verify()).ok).toBe(true);
  });
});

test("an index that is to be made first is made by the repair", async () => {
  const one = (sources: readonly (readonly [string, Notebook])[]) => {
    world.closeFlows();
    return world.keep(
      defineFlow("Grows", (builder) => {
        const out = builder.addCollector<{ id: string; text: string }>();
        for (const [name, pages] of sources)
          builder.addSource(name, pages.source({ ordered: true })({})).forEachRow((page) => {
            out.collect({ id: page.id, text: page.text });
          });
        out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
      }),
    );
  };
  world.notebook.write("p", "one");
  world.notebook.write("q", "two");
  other.write("p", "of the other");
  const alone = one([["a", world.notebook]]);
  await alone.setup();
  await alone.update();
  const both = one([
    ["a", world.notebook],
    ["b", other],
  ]);
  shelf().delete("p");
  shelf().delete("q");
  expect((await both.verify()).targets.Out).toMatchObject({ expected: 2, missing: 2, pending: 0 });
  expect(await both.verify({ repair: true })).toMatchObject({
    repair: { targets: { Out: { written: 2 } } },
    ok: true,
  });
  expect(shelf().get("p")).toEqual({ text: "one" });
  await both.update();
  expect((await both.verify()).ok).toBe(true);
  expect(shelf().get("p")).toEqual({ text: "one" });
});

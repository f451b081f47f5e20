import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineFlow, defineFunction, defineTarget, type EngineEvent, SluiceError } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { Notebook } from "../worlds/notebook.ts";
import { plainTarget } from "../worlds/plain-target.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

const clean = { missing: 0, extra: 0, different: 0, pending: 0, findings: [], error: null };

/** A flow whose ten pages are on the shelf. */
async function tenPages() {
  world.write(10);
  const flow = world.define("Docs");
  await flow.setup();
  await flow.update();
  world.library.forgetCounts();
  return flow;
}

const shelf = () => world.library.shelves.get("s")!;

test("a target that holds what it should is all right, and nothing is written", async () => {
  const flow = await tenPages();
  const info = await flow.verify();
  expect(info).toMatchObject({
    flow: "Docs",
    targets: { Out: { expected: 10, found: 10, ...clean } },
    unverified: [],
    repair: null,
    ok: true,
  });
  expect(world.library.calls).toBe(0);
  expect(world.notebook.reads).toBe(10);
});

test("an empty target of an empty source is all right", async () => {
  const flow = world.define("Docs");
  await flow.setup();
  expect(await flow.verify()).toMatchObject({
    targets: { Out: { expected: 0, found: 0, ...clean } },
    ok: true,
  });
  await flow.update();
  expect(await flow.verify()).toMatchObject({ ok: true });
});

test("missing, extra and different rows are told apart, with the rows that they come from", async () => {
  const flow = await tenPages();
  shelf().delete("p0001");
  shelf().delete("p0007");
  shelf().set("p0003", { text: "edited" });
  shelf().set("foreign", { text: "nobody's" });
  const { targets, ok } = await flow.verify();
  expect(ok).toBe(false);
  expect(targets.Out).toEqual({
    expected: 10,
    found: 9,
    missing: 2,
    extra: 1,
    different: 1,
    pending: 0,
    findings: [
      { kind: "missing", key: "p0001", from: { source: "pages", row: "p0001" }, reason: null },
      { kind: "missing", key: "p0007", from: { source: "pages", row: "p0007" }, reason: null },
      { kind: "extra", key: "foreign", from: null, reason: null },
      { kind: "different", key: "p0003", from: { source: "pages", row: "p0003" }, reason: null },
    ],
    error: null,
  });
  expect(world.library.calls).toBe(0);
});

test("values and keys that fit no row are named with the reason", async () => {
  const flow = await tenPages();
  shelf().set("p0001", { text: 5 });
  shelf().set("p0002", null);
  shelf().set(7 as never, { text: "x" });
  const { targets } = await flow.verify();
  expect(targets.Out!.findings).toEqual([
    {
      kind: "extra",
      key: '{"id":7}',
      from: null,
      reason: expect.stringContaining("the key does not fit: id: "),
    },
    {
      kind: "different",
      key: "p0001",
      from: { source: "pages", row: "p0001" },
      reason: expect.stringContaining("the value does not fit: text: expected a string"),
    },
    {
      kind: "different",
      key: "p0002",
      from: { source: "pages", row: "p0002" },
      reason: expect.stringContaining("the value does not fit: "),
    },
  ]);
});

test("only so many rows of each kind are named, and all are counted", async () => {
  const flow = await tenPages();
  for (const id of ["p0000", "p0001", "p0002"]) shelf().delete(id);
  for (const id of ["p0003", "p0004"]) shelf().set(id, { text: "edited" });
  for (const id of ["x", "y", "z"]) shelf().set(id, { text: "extra" });
  const { targets } = await flow.verify({ limit: 1 });
  expect(targets.Out).toMatchObject({ missing: 3, different: 2, extra: 3 });
  expect(targets.Out!.findings.map(({ kind, key }) => [kind, key])).toEqual([
    ["missing", "p0000"],
    ["extra", "x"],
    ["different", "p0003"],
  ]);
  expect((await flow.verify({ limit: 0 })).targets.Out).toMatchObject({ missing: 3, findings: [] });
  await expect(flow.verify({ limit: -1 })).rejects.toMatchObject({ code: "option-invalid" });
});

test("a row that is there twice is different, since nobody knows which one counts", async () => {
  const rows: { key: { id: string }; value: unknown }[] = [];
  const heap = defineTarget({
    kind: "heap",
    spec: z.object({}),
    key: z.object({ id: z.string() }),
    getPersistentKey: () => "heap",
    applySetupChange() {},
    mutate(batches) {
      for (const { mutations } of batches)
        for (const { key, value } of mutations) {
          for (let at = rows.length - 1; at >= 0; at--) if (rows[at]!.key.id === key.id) rows.splice(at, 1);
          if (value) rows.push({ key, value });
        }
    },
    readBack: () => [rows],
  });
  world.write(2);
  const flow = world.define("Twice", { targets: { Heap: heap({}) } });
  await flow.setup();
  await flow.update();
  rows.push(rows[0]!);
  const { targets } = await flow.verify();
  expect(targets.Heap).toMatchObject({ found: 3, different: 1, missing: 0, extra: 0 });
  expect(targets.Heap!.findings).toMatchObject([{ key: "p0000", reason: "it is there more than once" }]);
  expect((await flow.verify({ repair: true })).ok).toBe(true);
  expect(rows.map(({ key }) => key.id).sort()).toEqual(["p0000", "p0001"]);
});

test("a key that the target takes bare", async () => {
  const rows = new Map<string, { text: string }>();
  const bare = defineTarget({
    kind: "bare",
    spec: z.object({}),
    key: z.string(),
    value: z.object({ text: z.string() }),
    getPersistentKey: () => "bare",
    applySetupChange() {},
    mutate(batches) {
      for (const { mutations } of batches)
        for (const { key, value } of mutations) value ? rows.set(key, value) : rows.delete(key);
    },
    *readBack() {
      yield [...rows].map(([key, value]) => ({ key, value }));
    },
  });
  world.write(3);
  const flow = world.keep(
    defineFlow("Bare", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder.addSource("pages", world.notebook.source()({})).forEachRow((page) => {
        out.collect({ id: page.id, text: page.text });
      });
      out.export("Bare", bare({}), { primaryKeyFields: ["id"] });
    }),
  );
  await flow.setup();
  await flow.update();
  rows.delete("p0001");
  rows.set("x", { text: "" });
  const { targets } = await flow.verify();
  expect(targets.Bare!.findings).toMatchObject([
    { kind: "missing", key: "p0001" },
    { kind: "extra", key: "x" },
  ]);
  expect((await flow.verify({ repair: true })).ok).toBe(true);
  expect([...rows.keys()].sort()).toEqual(["p0000", "p0001", "p0002"]);
});

describe("several exports", () => {
  async function twoKinds() {
    world.write(5);
    const flow = world.define("Several", {
      targets: {
        One: world.library.target()({ shelf: "one" }),
        Two: world.library.target()({ shelf: "two" }),
        Other: world.library.target("archive")({ shelf: "other" }),
        Mute: plainTarget("mute", {}),
      },
    });
    await flow.setup();
    await flow.update();
    world.library.forgetCounts();
    return flow;
  }

  test("each is verified on its own, and those that cannot be read back are named", async () => {
    const flow = await twoKinds();
    world.library.shelves.get("two")!.delete("p0002");
    world.library.shelves.get("other")!.set("x", {});
    const info = await flow.verify();
    expect(info.unverified).toEqual(["Mute"]);
    expect(info.targets).toMatchObject({
      One: { expected: 5, ...clean },
      Two: { expected: 5, missing: 1, extra: 0 },
      Other: { expected: 5, missing: 0, extra: 1 },
    });
    expect(Object.keys(info.targets)).toEqual(["One", "Two", "Other"]);
    expect(info.ok).toBe(false);
  });

  test("only the damaged one is written", async () => {
    const flow = await twoKinds();
    world.library.shelves.get("two")!.delete("p0002");
    const info = await flow.verify({ repair: true });
    expect(info).toMatchObject({ repair: { targets: { Two: { written: 1, deleted: 0 } } }, ok: true });
    expect(Object.keys(info.repair!.targets)).toEqual(["Two"]);
    expect(world.library.upserts).toEqual(["p0002"]);
  });

  test("one row that is damaged in two of them is written in both", async () => {
    const flow = await twoKinds();
    for (const shelf of ["one", "other"]) world.library.shelves.get(shelf)!.delete("p0002");
    const info = await flow.verify({ repair: true });
    expect(info).toMatchObject({
      repair: { targets: { One: { written: 1 }, Other: { written: 1 } } },
      ok: true,
    });
    expect(world.library.upserts).toEqual(["p0002", "p0002"]);
  });

  test("one that cannot be read back to its end is told, and the others are verified and repaired", async () => {
    const flow = await twoKinds();
    world.library.shelves.get("two")!.delete("p0002");
    let first = true;
    world.library.beforeReadBack = () => {
      if (!first) return;
      first = false;
      throw new Error("the shelf is on fire");
    };
    const info = await flow.verify({ repair: true });
    expect(info.targets.One).toEqual({
      expected: 0,
      found: 0,
      ...clean,
      error: expect.objectContaining({
        code: "read-back-failed",
        message: "the shelf is on fire",
        where: { flow: "Several", target: "One" },
      }),
    });
    expect(info).toMatchObject({
      targets: { Two: { missing: 0 } },
      repair: { targets: { Two: { written: 1 } } },
    });
    expect(info.ok).toBe(false);
  });
});

describe("a target that fails half-way", () => {
  test("says nothing of its rows, and is not repaired", async () => {
    const flow = await tenPages();
    shelf().delete("p0009");
    world.library.beforeReadBack = (page) => {
      if (page === 2) throw new SluiceError("target-unavailable", "closed for stocktaking");
    };
    const info = await flow.verify({ repair: true });
    expect(info.targets.Out).toMatchObject({
      expected: 0,
      found: 0,
      ...clean,
      error: { code: "target-unavailable" },
    });
    expect(info).toMatchObject({ repair: { targets: {} }, ok: false });
    expect(world.library.calls).toBe(0);
  });

  test("is read again from its start where the cause may pass", async () => {
    const flow = await tenPages();
    shelf().delete("p0009");
    let failures = 2;
    world.library.beforeReadBack = (page) => {
      if (page === 2 && failures-- > 0) throw Object.assign(new Error("hung up"), { code: "ECONNRESET" });
    };
    const events: EngineEvent[] = [];
    const info = await flow.verify({ report: (event) => void events.push(event) });
    expect(info.targets.Out).toMatchObject({ expected: 10, found: 9, missing: 1, extra: 0, different: 0 });
    expect(events.filter(({ kind }) => kind === "retrying")).toHaveLength(2);
  });

  test("can be stopped while it hangs", async () => {
    const hanging = defineTarget({
      kind: "hanging",
      spec: z.object({}),
      key: z.object({ id: z.string() }),
      getPersistentKey: () => "it",
      applySetupChange() {},
      mutate() {},
      async *readBack() {
        stop.abort();
        await new Promise(() => {});
        yield [];
      },
    });
    const stop = new AbortController();
    const flow = world.define("Hangs", { targets: { It: hanging({}) } });
    await flow.setup();
    await expect(flow.verify({ signal: stop.signal })).rejects.toMatchObject({ code: "interrupted" });
    expect((await flow.update()).ok).toBe(true);
  });
});

describe("what the store does not know", () => {
  test("a row whose last write failed is pending, whatever the target has of it", async () => {
    const flow = await tenPages();
    world.notebook.write("p0001", "edited");
    world.library.after = (rows) => {
      if (rows.some(({ id }) => id === "p0001")) throw new Error("did it land?");
    };
    expect((await flow.update()).ok).toBe(false);
    for (const there of [{ text: "text 1" }, { text: "edited" }, { text: "something else" }, null]) {
      if (there) shelf().set("p0001", there);
      else shelf().delete("p0001");
      const info = await flow.verify();
      expect(info.targets.Out).toMatchObject({ missing: 0, different: 0, extra: 0, pending: 1 });
      expect(info.targets.Out!.findings).toEqual([
        {
          kind: "pending",
          key: "p0001",
          from: { source: "pages", row: "p0001" },
          reason: "a write of it failed, was interrupted or is still to come",
        },
      ]);
      expect(info.ok).toBe(false);
    }
    world.library.after = () => {};
    expect(await flow.verify({ repair: true })).toMatchObject({
      repair: { targets: { Out: { written: 1 } } },
      ok: true,
    });
    expect(shelf().get("p0001")).toEqual({ text: "edited" });
  });

  test("rows of a flow that has changed since are left to the next update", async () => {
    const version = (number: number) =>
      defineFunction({
        name: "edit",
        version: number,
        input: { text: z.string() },
        output: z.string(),
        run: ({ text }) => `${text} v${number}`,
      });
    world.write(3);
    const first = world.define("Edited", { through: version(1) });
    await first.setup();
    await first.update();
    world.closeFlows();
    const second = world.define("Edited", { through: version(2) });
    shelf().delete("p0001");
    world.library.forgetCounts();
    const info = await second.verify({ repair: true });
    expect(info.targets.Out).toMatchObject({ expected: 3, pending: 3, missing: 0 });
    expect(info.targets.Out!.findings[0]).toMatchObject({
      reason: "the flow has changed since it was written",
    });
    expect(info).toMatchObject({ repair: { targets: {} }, ok: false });
    expect(world.library.calls).toBe(0);
    await second.update();
    expect((await second.verify()).ok).toBe(true);
  });

  test("so are rows of a target whose setup has made their values others", async () => {
    const bound = (binding: string) =>
      world.define("Bound", { targets: { Out: world.library.target()({ shelf: "s", binding }) } });
    world.write(3);
    const paper = bound("paper");
    await paper.setup();
    await paper.update();
    world.closeFlows();
    const leather = bound("leather");
    await leather.setup();
    expect((await leather.verify({ repair: true })).targets.Out).toMatchObject({ expected: 3, pending: 3 });
    await leather.update();
    expect((await leather.verify()).ok).toBe(true);
  });

  test("so are rows of a source that has left the flow", async () => {
    const other = new Notebook();
    other.write("q", "of another");
    const define = (sources: Readonly<Record<string, Notebook>>) =>
      world.keep(
        defineFlow("Leaving", (builder) => {
          const out = builder.addCollector<{ id: string; text: string }>();
          for (const [name, notebook] of Object.entries(sources))
            builder.addSource(name, notebook.source()({})).forEachRow((page) => {
              out.collect({ id: page.id, text: page.text });
            });
          out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
        }),
      );
    world.write(2);
    const both = define({ leaves: world.notebook, stays: other });
    await both.setup();
    await both.update();
    world.closeFlows();
    const left = define({ stays: other });
    const { targets } = await left.verify({ repair: true });
    expect(targets.Out).toMatchObject({ expected: 3, pending: 2, missing: 0 });
    expect(targets.Out!.findings[0]).toMatchObject({
      key: "p0000",
      from: { source: "leaves" },
      reason: "its source no longer feeds the export",
    });
    await left.update();
    expect(await left.verify()).toMatchObject({ targets: { Out: { expected: 1, found: 1 } }, ok: true });
  });
});

test("a flow that is not set up, or needs setup, is refused", async () => {
  const flow = world.define("Docs");
  await expect(flow.verify()).rejects.toMatchObject({ code: "setup-needed", exitCode: 3 });
  await flow.setup();
  world.closeFlows();
  const moved = world.define("Docs", { targets: { Out: world.library.target()({ shelf: "other" }) } });
  await expect(moved.verify()).rejects.toMatchObject({ code: "setup-needed" });
});

test("no update runs meanwhile", async () => {
  const flow = await tenPages();
  let update: Promise<unknown> | null = null;
  world.library.beforeReadBack = () => {
    update ??= flow.update().catch((error: unknown) => error);
  };
  await flow.verify();
  expect(await update).toMatchObject({
    code: "flow-held",
    message: expect.stringContaining("held for verify"),
  });
  const lease = await openMemoryStore({ state: world.state }).acquireLease("Docs" as never, {
    purpose: "update",
  });
  await expect(flow.verify()).rejects.toMatchObject({ code: "flow-held", exitCode: 5 });
  const waiting = flow.verify({ wait: true, onWait: () => void lease.release() });
  expect((await waiting).ok).toBe(true);
});

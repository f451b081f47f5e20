import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineFunction } from "../../src/index.ts";
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

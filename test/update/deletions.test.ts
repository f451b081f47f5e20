import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  defineFlow,
  defineSource,
  type EngineEvent,
  type Flow,
  SluiceError,
  type UpdateInfo,
} from "../../src/index.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

interface Shape {
  readonly ordered?: boolean;
  /** Part of the source's spec. */
  readonly edition?: number;
  /** The names of the sources, which all have the same pages. */
  readonly sources?: readonly string[];
}

/** A flow in which each source has a target of its own. */
function defineDocs({ ordered = true, edition = 1, sources = ["pages"] }: Shape = {}): Flow {
  world.closeFlows();
  const source = world.notebook.source({ ordered });
  return world.keep(
    defineFlow("Docs", (builder) => {
      for (const name of sources) {
        const out = builder.addCollector<{ id: string; text: string }>();
        builder
          .addSource(name, source({ edition }))
          .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
        out.export(`${name}Out`, world.library.target()({ shelf: name }), { primaryKeyFields: ["id"] });
      }
    }),
  );
}

/** Writes so many pages and brings them to the target. */
async function settle(count: number, shape: Shape = {}): Promise<Flow> {
  world.write(count);
  const flow = defineDocs(shape);
  await flow.setup();
  expect((await flow.update()).ok).toBe(true);
  world.library.forgetCounts();
  return flow;
}

/** Takes the first so many pages away. */
function remove(count: number): void {
  for (const id of [...world.notebook.pages.keys()].slice(0, count)) world.notebook.remove(id);
}

function targetRows(shelf = "pages"): number {
  return world.library.rows(shelf).length;
}

function heldOf({ held }: UpdateInfo): [string | null, number, number][] {
  return held.map(({ source, rows, tracked }) => [source, rows, tracked]);
}

async function expectNothingToDo(flow: Flow): Promise<void> {
  world.library.forgetCounts();
  world.notebook.reads = 0;
  expect((await flow.update()).ok).toBe(true);
  expect([world.notebook.reads, world.library.calls]).toEqual([0, 0]);
}

describe.each([{ ordered: true }, { ordered: false }])(
  "held deletions (ordered: $ordered)",
  ({ ordered }) => {
    test("more than half of a source's rows wait for approval, while all else goes on", async () => {
      const flow = await settle(40, { ordered });
      const kept = [...world.notebook.pages.keys()].at(-1)!;
      remove(21);
      world.notebook.write(kept, "edited");
      world.notebook.write("new", "new");
      const events: EngineEvent[] = [];
      const info = await flow.update({ report: (event) => events.push(event) });
      expect(info.ok).toBe(false);
      expect(heldOf(info)).toEqual([["pages", 21, 40]]);
      expect(info.held[0]!.error).toMatchObject({
        code: "deletions-held",
        exitCode: 4,
        where: { flow: "Docs", source: "pages" },
      });
      expect(info.sources.pages).toMatchObject({ updated: 1, inserted: 1, deleted: 0, failed: 0 });
      expect(events.filter(({ kind }) => kind === "deletions-held")).toHaveLength(1);
      expect([world.library.upserts.sort(), world.library.deletes]).toEqual([["new", kept], []]);
      expect(targetRows()).toBe(41);

      world.library.forgetCounts();
      world.notebook.reads = 0;
      expect(heldOf(await flow.update())).toEqual([["pages", 21, 41]]);
      expect([world.notebook.reads, world.library.calls]).toEqual([0, 0]);

      expect(heldOf(await flow.update({ allowDeletions: 20 }))).toEqual([["pages", 21, 41]]);
      expect(targetRows()).toBe(41);
      expect((await flow.update({ allowDeletions: 21 })).sources.pages).toMatchObject({ deleted: 21 });
      expect(targetRows()).toBe(20);
      await expectNothingToDo(flow);
    });

    test("half of them go, and most of a few", async () => {
      const flow = await settle(40, { ordered });
      remove(20);
      expect(await flow.update()).toMatchObject({ ok: true, held: [], sources: { pages: { deleted: 20 } } });
      remove(1);
      await flow.update();
      remove(18);
      expect(await flow.update()).toMatchObject({ ok: true, held: [], sources: { pages: { deleted: 18 } } });
      expect(targetRows()).toBe(1);
    });

    test("all rows of a source that comes back empty wait, down to two; one may go", async () => {
      const flow = await settle(2, { ordered });
      const pages = new Map(world.notebook.pages);
      remove(2);
      const info = await flow.update();
      expect(heldOf(info)).toEqual([["pages", 2, 2]]);
      expect(info.held[0]!.error.message).toContain("the source is empty, where 2 rows were tracked");
      for (const [id, page] of pages) world.notebook.pages.set(id, page);
      await expectNothingToDo(flow);
      remove(1);
      expect((await flow.update()).sources.pages).toMatchObject({ deleted: 1 });
      remove(1);
      expect((await flow.update()).sources.pages).toMatchObject({ deleted: 1 });
      expect(targetRows()).toBe(0);
    });

    test("a change of the source's spec changes nothing of that", async () => {
      await settle(40, { ordered });
      remove(30);
      const changed = defineDocs({ ordered, edition: 2 });
      const info = await changed.update();
      expect(heldOf(info)).toEqual([["pages", 30, 40]]);
      expect(info.sources.pages).toMatchObject({ reprocessed: 10, deleted: 0 });
      remove(10);
      const emptied = defineDocs({ ordered, edition: 3 });
      expect(heldOf(await emptied.update())).toEqual([["pages", 40, 40]]);
      expect(targetRows()).toBe(40);
      expect((await emptied.update({ allowDeletions: true })).ok).toBe(true);
      expect(targetRows()).toBe(0);
    });

    test("an incomplete listing holds nothing: it deletes nothing in any case", async () => {
      const flow = await settle(40, { ordered });
      remove(40);
      world.notebook.incomplete = "a drawer is stuck";
      const marked = await flow.update({ allowDeletions: true });
      expect([marked.held, marked.incomplete.length]).toEqual([[], 1]);
      world.notebook.incomplete = null;
      world.write(3);
      world.notebook.listingError = new Error("half-way");
      const failed = await flow.update({ allowDeletions: true });
      expect(failed.held).toEqual([]);
      expect(failed.incomplete[0]!.error).toMatchObject({ code: "listing-failed", message: "half-way" });
      expect(targetRows()).toBe(40);
    });
  },
);

/** A source that may list rows, by their versions, which cannot be read. */
class ShakySource {
  readonly listed = new Map<string, number>();
  readonly readable = new Set<string>();

  write(count: number): void {
    for (let i = 0; i < count; i++) {
      this.listed.set(`p${i}`, 1);
      this.readable.add(`p${i}`);
    }
  }

  readonly define = () => {
    const { listed, readable } = this;
    return defineSource({
      kind: "shaky",
      spec: z.object({}),
      key: z.object({ id: z.string() }),
      value: z.object({ text: z.string() }),
      *list() {
        yield [...listed].map(([id, ordinal]) => ({ key: { id }, ordinal }));
      },
      getValue: (_connection, { id }) => (readable.has(id) ? { value: { text: id } } : null),
    })({});
  };
}

describe("rows that were listed and turn out to be gone when they are read count too", () => {
  test("as the listing has changed", async () => {
    const shaky = new ShakySource();
    shaky.write(30);
    const flow = world.keep(
      defineFlow("Shaky", (builder) => {
        const out = builder.addCollector<{ id: string; text: string }>();
        builder
          .addSource("pages", shaky.define())
          .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
        out.export("Out", world.library.target()({ shelf: "pages" }), { primaryKeyFields: ["id"] });
      }),
    );
    await flow.setup();
    await flow.update();
    const { listed, readable } = shaky;
    listed.set("never there", 1);
    for (let i = 0; i < 10; i++) {
      listed.delete(`p${i}`);
      listed.set(`p${i + 10}`, 2);
      readable.delete(`p${i + 10}`);
    }
    expect(heldOf(await flow.update())).toEqual([["pages", 20, 30]]);
    expect(targetRows()).toBe(30);
    // What is listed and cannot be had is no row: a source of which nothing else is left is empty.
    for (const id of listed.keys()) listed.set(id, 3);
    readable.clear();
    const info = await flow.update();
    expect(heldOf(info)).toEqual([["pages", 30, 30]]);
    expect(info.held[0]!.error.message).toContain("the source is empty");
    expect((await flow.update({ allowDeletions: 30 })).sources.pages).toMatchObject({ deleted: 30 });
  });

  test("as they are heirs of target keys that others gave up", async () => {
    const shaky = new ShakySource();
    shaky.write(30);
    for (let i = 0; i < 30; i++) world.notebook.write(`a${i}`, `p${i}`);
    const flow = world.keep(
      defineFlow("Heirs", (builder) => {
        const out = builder.addCollector<{ id: string; by: string }>();
        builder
          .addSource("first", world.notebook.source()({}))
          .forEachRow((page) => out.collect({ id: page.text, by: page.id }));
        builder
          .addSource("second", shaky.define())
          .forEachRow((page) => out.collect({ id: page.text, by: page.id }));
        out.export("Out", world.library.target()({ shelf: "pages" }), { primaryKeyFields: ["id"] });
      }),
    );
    await flow.setup();
    await flow.update();
    const before = world.library.rows("pages");
    expect(before).toHaveLength(30);
    world.library.forgetCounts();
    shaky.readable.clear();
    for (let i = 0; i < 30; i++) world.notebook.write(`a${i}`, `q${i}`);
    expect(heldOf(await flow.update())).toEqual([["second", 30, 30]]);
    expect(world.library.deletes).toEqual([]);
    expect(world.library.rows("pages").slice(0, 30)).toEqual(before);
    shaky.write(30);
    expect((await flow.update()).ok).toBe(true);
    expect(world.library.rows("pages")[0]).toEqual(["p0", { by: "p0" }]);
    expect([world.library.deletes, targetRows()]).toEqual([[], 60]);
  });
});

describe("held rows keep their marks", () => {
  test("and their claims: one that inherits a target key waits for the approval, as the key does", async () => {
    const flow = world.keep(
      defineFlow("Claims", (builder) => {
        const out = builder.addCollector<{ id: string; page: string }>();
        builder
          .addSource("pages", world.notebook.source()({}))
          .forEachRow((page) => out.collect({ id: page.text, page: page.id }));
        out.export("Out", world.library.target()({ shelf: "pages" }), { primaryKeyFields: ["id"] });
      }),
    );
    for (let i = 0; i < 25; i++) world.notebook.write(`b${i}`, i === 0 ? "shared" : `text ${i}`);
    world.notebook.write("a", "shared");
    await flow.setup();
    await flow.update();
    const shared = () => world.library.shelves.get("pages")!.get("shared");
    expect(shared()).toEqual({ page: "a" });
    world.library.forgetCounts();
    world.notebook.write("a", "mine");
    for (let i = 0; i < 20; i++) world.notebook.remove(`b${i}`);
    expect(heldOf(await flow.update())).toEqual([["pages", 20, 26]]);
    expect([world.library.upserts, world.library.deletes]).toEqual([["mine"], []]);
    expect(shared()).toEqual({ page: "a" });
    expect((await flow.update({ allowDeletions: true })).sources.pages).toMatchObject({ deleted: 20 });
    expect(shared()).toBeUndefined();
    expect(targetRows()).toBe(6);
    await expectNothingToDo(flow);
  });

  test("one that is pending is put right when its source has it again", async () => {
    const flow = await settle(2);
    world.library.after = () => {
      throw new Error("lost the answer");
    };
    world.notebook.write("p0000", "v2");
    await flow.update();
    expect(world.library.rows("pages")[0]).toEqual(["p0000", { text: "v2" }]);
    world.library.after = () => {};
    remove(2);
    expect(heldOf(await flow.update())).toEqual([["pages", 2, 2]]);
    world.write(2);
    expect((await flow.update()).ok).toBe(true);
    expect(world.library.rows("pages")[0]).toEqual(["p0000", { text: "text 0" }]);
    await expectNothingToDo(flow);
  });

  test("one whose deletion failed is held with the others, and goes with the approval", async () => {
    const flow = await settle(40);
    remove(10);
    world.library.before = () => {
      throw new SluiceError("target-unavailable", "closed");
    };
    expect((await flow.update()).sources.pages).toMatchObject({ failed: 10 });
    world.library.before = () => {};
    remove(15);
    expect(heldOf(await flow.update())).toEqual([["pages", 25, 40]]);
    expect((await flow.update({ allowDeletions: true })).sources.pages).toMatchObject({ deleted: 25 });
    expect(targetRows()).toBe(15);
    await expectNothingToDo(flow);
  });
});

test("what is approved holds for each source on its own", async () => {
  const sources = ["one", "two"];
  const flow = await settle(30, { sources });
  remove(25);
  expect(heldOf(await flow.update())).toEqual([
    ["one", 25, 30],
    ["two", 25, 30],
  ]);
  const info = await flow.update({ allowDeletions: 25 });
  expect(info.ok).toBe(true);
  expect(sources.map((source) => info.sources[source]!.deleted)).toEqual([25, 25]);
});

test("rows of a source that left the flow are not held", async () => {
  await settle(30, { sources: ["one", "two"] });
  const flow = defineDocs({ sources: ["two"] });
  await flow.setup();
  expect(await flow.update()).toMatchObject({ ok: true, held: [], sources: { one: { deleted: 30 } } });
});

describe("calls that share an update share what any of them approves", () => {
  test.each([
    [[{}, { allowDeletions: true }, {}], 0],
    [[{ allowDeletions: 40 }, { allowDeletions: 3 }], 0],
    [[{ allowDeletions: 3 }, { allowDeletions: false }], 1],
    [[{}, {}], 1],
  ] as const)("%j", async (calls, held) => {
    const flow = await settle(40);
    remove(40);
    let underWay: Promise<UpdateInfo> | null = null;
    await new Promise<void>((begun) => {
      underWay = flow.update({ report: ({ kind }) => kind === "update-started" && begun() });
    });
    const [info] = await Promise.all(calls.map((options) => flow.update(options)));
    // An update that is under way is not changed by what comes later.
    expect((await underWay!).held).toHaveLength(1);
    expect(info!.held).toHaveLength(held);
    expect(targetRows()).toBe(held * 40);
  });
});

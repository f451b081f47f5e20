import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { FlowId } from "../../src/contracts/state-store.ts";
import { configure, defineFlow, defineFunction, type Flow } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { interceptWrites } from "../worlds/intercept-writes.ts";
import { Notebook } from "../worlds/notebook.ts";
import { useWorld } from "../worlds/use-world.ts";

/*
 * A page holds lines `key value`; each line is a target row. The same key in several places is what this is about: the
 * least of (source name, page, place in the page) wins.
 */

const world = useWorld();

let failing = new Set<string>();

const lines = defineFunction({
  name: "lines",
  version: 1,
  input: { text: z.string() },
  output: z.array(z.object({ key: z.string(), value: z.string() })),
  run({ text }) {
    if (failing.has(text)) throw new Error("cannot be read");
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => ({ key: line.split(" ")[0]!, value: line.split(" ")[1]! }));
  },
});

interface Shape {
  /** Source names and their pages. */
  readonly sources: Readonly<Record<string, Notebook>>;
  readonly renamedFrom?: Readonly<Record<string, string>>;
  readonly strict?: boolean;
}

function define({ sources, renamedFrom = {}, strict = false }: Shape): Flow {
  world.closeFlows();
  failing = new Set();
  return world.keep(
    defineFlow("Shared", (builder) => {
      const out = builder.addCollector<{ id: string; value: string }>();
      for (const [name, pages] of Object.entries(sources)) {
        const former = renamedFrom[name];
        builder
          .addSource(name, pages.source({ ordered: true })({}), former ? { renamedFrom: former } : {})
          .forEachRow((page) => {
            page.text.transform(lines).forEachRow((line) => out.collect({ id: line.key, value: line.value }));
          });
      }
      const onDuplicateKey = strict ? "error" : "first";
      out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"], onDuplicateKey });
    }),
  );
}

/** What the target holds, and what it was asked to do since the last look. */
function seen() {
  const { library } = world;
  const rows = Object.fromEntries(
    library.rows("s").map(([id, value]) => [id, (value as { value: string }).value]),
  );
  const writes = { upserts: [...library.upserts], deletes: [...library.deletes] };
  library.forgetCounts();
  return { rows, ...writes };
}

async function updated(flow: Flow) {
  const info = await flow.update();
  expect(info).toMatchObject({ ok: true, failures: [], failedKeys: [] });
  return { info, ...seen() };
}

async function idle(flow: Flow): Promise<void> {
  world.notebook.reads = 0;
  expect(await updated(flow)).toMatchObject({ upserts: [], deletes: [] });
  expect(world.notebook.reads).toBe(0);
  const { flows } = world.state;
  for (const { owners } of flows.values())
    for (const kept of owners.values()) for (const { owed } of kept.values()) expect(owed).toBe(false);
}

/** Both sources' pages. */
async function twoSources(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>) {
  const other = new Notebook();
  for (const [id, text] of Object.entries(a)) world.notebook.write(id, text);
  for (const [id, text] of Object.entries(b)) other.write(id, text);
  const flow = define({ sources: { a: world.notebook, b: other } });
  await flow.setup();
  return { flow, other };
}

describe("of two rows that yield one target key", () => {
  test.each([
    ["the winner first", ["p1", "p2"]],
    ["the winner last", ["p2", "p1"]],
  ])("the least wins, %s", async (_how, order) => {
    const flow = define({ sources: { a: world.notebook } });
    await flow.setup();
    for (const id of order) {
      world.notebook.write(id, `k ${id}`);
      await flow.update();
    }
    expect(seen().rows).toEqual({ k: "p1" });
    await idle(flow);
  });

  test("the heir's value takes the place of the winner's in one write", async () => {
    const { flow, other } = await twoSources({ p: "k one\nonly a" }, { q: "k two" });
    expect((await updated(flow)).rows).toEqual({ k: "one", only: "a" });
    world.notebook.remove("p");
    expect(await updated(flow)).toMatchObject({ rows: { k: "two" }, upserts: ["k"], deletes: ["only"] });
    other.remove("q");
    expect(await updated(flow)).toMatchObject({ rows: {}, upserts: [], deletes: ["k"] });
    await idle(flow);
    expect([...world.state.flow("Shared" as FlowId).owners.values()].flatMap((kept) => [...kept])).toEqual(
      [],
    );
  });

  test("an edit of the loser writes nothing", async () => {
    const { flow, other } = await twoSources({ p: "k one" }, { q: "k two" });
    await flow.update();
    seen();
    other.write("q", "k three");
    expect(await updated(flow)).toMatchObject({ rows: { k: "one" }, upserts: [], deletes: [] });
    world.notebook.remove("p");
    expect(await updated(flow)).toMatchObject({ rows: { k: "three" }, upserts: ["k"], deletes: [] });
  });

  test("an heir of an equal value writes nothing, and is not looked at again", async () => {
    const { flow, other } = await twoSources({ p: "k same" }, { q: "k same" });
    await flow.update();
    seen();
    other.reads = 0;
    world.notebook.remove("p");
    expect(await updated(flow)).toMatchObject({ rows: { k: "same" }, upserts: [], deletes: [] });
    expect(other.reads).toBe(0);
  });

  test("twice within a row, the first place wins", async () => {
    world.notebook.write("p", "k first\nk second");
    const flow = define({ sources: { a: world.notebook } });
    await flow.setup();
    expect((await updated(flow)).rows).toEqual({ k: "first" });
    world.notebook.write("p", "k second");
    expect(await updated(flow)).toMatchObject({ rows: { k: "second" }, upserts: ["k"], deletes: [] });
  });

  test("a swap in one update is upserts only", async () => {
    world.notebook.write("p", "k one");
    world.notebook.write("q", "l two");
    const flow = define({ sources: { a: world.notebook } });
    await flow.setup();
    await flow.update();
    seen();
    world.notebook.write("p", "l two");
    world.notebook.write("q", "k one");
    expect(await updated(flow)).toMatchObject({ rows: { k: "one", l: "two" }, upserts: [], deletes: [] });
    world.notebook.write("p", "k changed");
    world.notebook.write("q", "l changed");
    const { rows, upserts, deletes } = await updated(flow);
    expect([rows, upserts.sort(), deletes]).toEqual([{ k: "changed", l: "changed" }, ["k", "l"], []]);
  });

  test("a renamed row keeps its target row", async () => {
    world.notebook.write("p", "k one");
    const flow = define({ sources: { a: world.notebook } });
    await flow.setup();
    await flow.update();
    seen();
    world.notebook.remove("p");
    world.notebook.write("a", "k one");
    expect(await updated(flow)).toMatchObject({ rows: { k: "one" }, upserts: [], deletes: [] });
    world.notebook.remove("a");
    world.notebook.write("z", "k two");
    expect(await updated(flow)).toMatchObject({ rows: { k: "two" }, upserts: ["k"], deletes: [] });
    await idle(flow);
  });
});

describe("while a hand-over fails", () => {
  test("in the heir's evaluation, the old value stays", async () => {
    const { flow, other } = await twoSources({ p: "k one" }, { q: "k two" });
    await flow.update();
    seen();
    other.write("q", "k three");
    failing.add("k three");
    world.notebook.remove("p");
    expect((await flow.update()).failures).toMatchObject([{ source: "b", row: "q" }]);
    expect(seen()).toMatchObject({ rows: { k: "one" }, upserts: [], deletes: [] });
    failing.clear();
    expect(await updated(flow)).toMatchObject({ rows: { k: "three" }, upserts: ["k"], deletes: [] });
    await idle(flow);
  });

  test("at the target, it is tried again", async () => {
    const { flow } = await twoSources({ p: "k one" }, { q: "k two" });
    await flow.update();
    world.notebook.remove("p");
    world.library.before = () => {
      throw new Error("not now");
    };
    expect((await flow.update()).failures).toMatchObject([{ source: "b", row: "q" }]);
    world.library.before = () => {};
    expect((await updated(flow)).rows).toEqual({ k: "two" });
    await idle(flow);
  });

  test("after it reached the target, the winner that returns wins", async () => {
    const { flow } = await twoSources({ p: "k one" }, { q: "k two" });
    await flow.update();
    world.notebook.remove("p");
    world.library.after = () => {
      throw new Error("connection lost");
    };
    await flow.update();
    world.library.after = () => {};
    world.notebook.write("p", "k one");
    expect((await updated(flow)).rows).toEqual({ k: "one" });
    await idle(flow);
  });

  test("a deletion that the target refuses is owed, counted and made up for", async () => {
    const { flow } = await twoSources({ p: "k one" }, { q: "l two" });
    await flow.update();
    world.notebook.remove("p");
    world.library.before = (rows) => {
      if (rows.some(({ value }) => value === null)) throw new Error("no deletions");
    };
    const refused = {
      failedKeys: [{ target: "Out", key: "k" }],
      targets: { Out: { failed: 1 } },
      ok: false,
    };
    expect(await flow.update()).toMatchObject(refused);
    expect(await flow.update()).toMatchObject(refused);
    world.library.before = () => {};
    expect(await updated(flow)).toMatchObject({ rows: { l: "two" } });
    await idle(flow);
  });

  test("a source that cannot be listed keeps its claims", async () => {
    const { flow, other } = await twoSources({ p: "k one" }, { q: "k two" });
    await flow.update();
    other.listingError = new Error("down");
    world.notebook.remove("p");
    expect((await flow.update()).incomplete).toMatchObject([{ source: "b" }]);
    expect(seen().rows).toEqual({ k: "two" });
  });
});

describe("where two rows must not yield one key", () => {
  test("all but the least fail, until they are alone", async () => {
    world.notebook.write("p", "k one");
    world.notebook.write("q", "k two\nl two");
    const flow = define({ sources: { a: world.notebook }, strict: true });
    await flow.setup();
    const refused = {
      failures: [{ source: "a", row: "q", error: { code: "target-key-duplicate", where: { key: "k" } } }],
      ok: false,
    };
    expect(await flow.update()).toMatchObject(refused);
    expect(seen().rows).toEqual({ k: "one", l: "two" });
    expect(await flow.update()).toMatchObject(refused);
    world.notebook.remove("p");
    expect(await updated(flow)).toMatchObject({ rows: { k: "two", l: "two" }, upserts: ["k"], deletes: [] });
    await idle(flow);
  });

  test("a row that takes the key over has the one that had it fail in the same update", async () => {
    world.notebook.write("q", "k two");
    const flow = define({ sources: { a: world.notebook }, strict: true });
    await flow.setup();
    await flow.update();
    world.notebook.write("p", "k one");
    const info = await flow.update();
    expect(info.failures).toMatchObject([{ row: "q", error: { code: "target-key-duplicate" } }]);
    expect(seen().rows).toEqual({ k: "one" });
    world.notebook.write("o", "k three");
    world.notebook.remove("p");
    expect((await flow.update()).failures).toMatchObject([{ row: "q" }]);
    expect(seen().rows).toEqual({ k: "three" });
  });

  test("a row that fails for one key still takes over others", async () => {
    world.notebook.write("p", "k one\nm one");
    world.notebook.write("q", "k two\nm two");
    const flow = world.keep(
      defineFlow("Both", (builder) => {
        const strict = builder.addCollector<{ id: string; value: string }>();
        const shared = builder.addCollector<{ id: string; value: string }>();
        builder.addSource("a", world.notebook.source({ ordered: true })({})).forEachRow((page) => {
          page.text.transform(lines).forEachRow((line) => {
            strict.collect({ id: line.key, value: line.value });
            shared.collect({ id: line.key, value: line.value });
          });
        });
        const one = world.library.target()({ shelf: "strict" });
        const two = world.library.target()({ shelf: "s" });
        strict.export("Strict", one, { primaryKeyFields: ["id"], onDuplicateKey: "error" });
        shared.export("Shared", two, { primaryKeyFields: ["id"] });
      }),
    );
    await flow.setup();
    expect((await flow.update()).failures).toMatchObject([{ row: "q" }, { row: "q" }]);
    world.notebook.write("p", "k one");
    expect((await flow.update()).failures).toMatchObject([{ row: "q", error: { where: { key: "k" } } }]);
    expect(seen().rows).toEqual({ k: "one", m: "two" });
  });

  test("a row that is renamed is no second one", async () => {
    world.notebook.write("p", "k one");
    const flow = define({ sources: { a: world.notebook }, strict: true });
    await flow.setup();
    await flow.update();
    seen();
    world.notebook.remove("p");
    world.notebook.write("q", "k one");
    expect(await updated(flow)).toMatchObject({ rows: { k: "one" }, upserts: [], deletes: [] });
  });
});

describe("a change of the flow", () => {
  test("a second source that starts to feed an export makes the index, wherever that is interrupted", async () => {
    for (let dies = 0; ; dies++) {
      world.end();
      world.begin();
      const other = new Notebook();
      world.notebook.write("p", "k one\nm one");
      other.write("q", "k two\nl two");
      const plain = unsharedFlow();
      await plain.setup();
      await plain.update();
      expect(world.state.flow("Shared" as FlowId).owners.size).toBe(0);
      seen();
      const flow = define({ sources: { a: world.notebook, b: other } });
      const left = await dyingAfter(dies, () => flow.update());
      const { rows, deletes } = await updated(flow);
      expect([dies, rows, deletes]).toEqual([
        dies,
        { k: "one", l: "two", m: "one" },
        dies === 0 || deletes.length > 0 ? ["p"] : [],
      ]);
      await idle(flow);
      if (left > 0) break;
    }
  });

  test("sources that change their order hand their keys over", async () => {
    const { flow, other } = await twoSources({ p: "k one\nm one" }, { q: "k two\nl two" });
    await flow.update();
    seen();
    const renamed = define({
      sources: { b: other, z: world.notebook },
      renamedFrom: { z: "a" },
    });
    expect(await updated(renamed)).toMatchObject({
      rows: { k: "two", l: "two", m: "one" },
      upserts: ["k"],
      deletes: [],
    });
    await idle(renamed);
  });

  test("a source that leaves hands over what others yield too, and is last until it is gone", async () => {
    const { flow, other } = await twoSources({ p: "k one\nm one" }, { q: "k two\nl two" });
    await flow.update();
    seen();
    expect(await updated(define({ sources: { b: other } }))).toMatchObject({
      rows: { k: "two", l: "two" },
      upserts: ["k"],
      deletes: ["m"],
    });
  });

  test("two exports that swap their targets write each other's rows", async () => {
    const swapped = (first: string, second: string) => {
      world.closeFlows();
      return world.keep(
        defineFlow("Swap", (builder) => {
          for (const [name, shelf, pages] of [
            ["One", first, world.notebook],
            ["Two", second, new Notebook()],
          ] as const) {
            const out = builder.addCollector<{ id: string; text: string }>();
            if (name === "Two") pages.write("p", "of the other");
            builder.addSource(name, pages.source({})({})).forEachRow((page) => {
              out.collect({ id: page.id, text: page.text });
            });
            out.export(name, world.library.target()({ shelf }), { primaryKeyFields: ["id"] });
          }
        }),
      );
    };
    world.notebook.write("p", "of the one");
    const before = swapped("s", "t");
    await before.setup();
    await before.update();
    const away: boolean[] = [];
    world.library.after = () => away.push(!world.library.shelves.get("s")!.has("p"));
    const after = swapped("t", "s");
    await after.setup();
    expect((await after.update()).ok).toBe(true);
    expect(world.library.rows("s")).toEqual([["p", { text: "of the other" }]]);
    expect(world.library.rows("t")).toEqual([["p", { text: "of the one" }]]);
    expect([away.includes(true), world.library.deletes]).toEqual([false, []]);
  });
});

/** A flow whose target keys are those of its rows, so that no index is needed. */
function unsharedFlow(): Flow {
  world.closeFlows();
  return world.keep(
    defineFlow("Shared", (builder) => {
      const out = builder.addCollector<{ id: string; value: string }>();
      builder.addSource("a", world.notebook.source({ ordered: true })({})).forEachRow((page) => {
        out.collect({ id: page.id, value: page.text });
      });
      out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    }),
  );
}

/** Runs with a store that dies after so many writes; resolves to how many it had left. */
async function dyingAfter(writes: number, work: () => Promise<unknown>): Promise<number> {
  let left = writes;
  const store = openMemoryStore({ state: world.state });
  const mortal = interceptWrites(store, async (write) => {
    await store.write(write);
    if (left-- > 0) return;
    store.kill();
    throw new Error("the process ended");
  });
  configure({ store: mortal });
  await work().catch(() => {});
  configure({ store: openMemoryStore({ state: world.state }) });
  return left;
}

import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineFlow, defineFunction, type Flow, generatedUuid } from "../../src/index.ts";
import { Notebook } from "../worlds/notebook.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

/** A page holds lines `key value`; each line is a target row. */
const lines = defineFunction({
  name: "lines",
  version: 1,
  input: { text: z.string() },
  output: z.array(z.object({ key: z.string(), value: z.string() })),
  run: ({ text }) =>
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => ({ key: line.split(" ")[0]!, value: line.split(" ")[1]! })),
});

async function sharing(other: Notebook, strict = false): Promise<Flow> {
  const flow = world.keep(
    defineFlow("Shared", (builder) => {
      const out = builder.addCollector<{ id: string; value: string }>();
      for (const [name, pages] of [["a", world.notebook] as const, ["b", other] as const]) {
        builder.addSource(name, pages.source({ ordered: true })({})).forEachRow((page) => {
          page.text.transform(lines).forEachRow((line) => out.collect({ id: line.key, value: line.value }));
        });
      }
      out.export("Out", world.library.target()({ shelf: "s" }), {
        primaryKeyFields: ["id"],
        onDuplicateKey: strict ? "error" : "first",
      });
    }),
  );
  await flow.setup();
  return flow;
}

describe("of a target row that several rows yield", () => {
  test("the owner is told, and the others in the order of their claims", async () => {
    const other = new Notebook();
    world.notebook.write("p2", "k two");
    world.notebook.write("p1", "k one\nonly mine");
    other.write("q", "k three");
    const flow = await sharing(other);
    await flow.update();
    expect(await flow.explainTarget("Out", "k")).toEqual({
      flow: "Shared",
      target: "Out",
      key: "k",
      state: "held",
      owner: { source: "a", row: "p1" },
      others: [
        { source: "a", row: "p2" },
        { source: "b", row: "q" },
      ],
      failure: null,
    });
    expect(await flow.explainTarget("Out", "only")).toMatchObject({
      owner: { source: "a", row: "p1" },
      others: [],
    });
    const [loser] = await flow.explain("q");
    expect(loser!.lastRun!.targets).toMatchObject([{ upserted: 0, equal: 0, others: 1 }]);
    expect(loser!.outputs[0]!.rows).toEqual([
      { key: "k", state: "held", owner: { source: "a", row: "p1" }, failure: null },
    ]);
    const [owner] = await flow.explain("p1");
    expect(owner!.outputs[0]!.rows).toMatchObject([
      { key: "k", owner: null },
      { key: "only", owner: null },
    ]);
  });

  test("the heir ran since the key became its own, and the one before says that it gave it up", async () => {
    const other = new Notebook();
    world.notebook.write("p", "k one");
    other.write("q", "k two");
    const flow = await sharing(other);
    await flow.update();
    world.notebook.write("p", "else one");
    await flow.update();
    const [heir] = await flow.explain("q");
    expect(heir!.lastRun).toMatchObject({ reason: "owner", targets: [{ upserted: 1, others: 0 }] });
    const [before] = await flow.explain("p");
    expect(before!.lastRun).toMatchObject({ reason: "content", targets: [{ upserted: 1, dropped: 1 }] });
    expect((await flow.explainTarget("Out", "k")).owner).toEqual({ source: "b", row: "q" });
  });

  test("rows that must not yield it beside its owner are told why they fail", async () => {
    const other = new Notebook();
    world.notebook.write("p", "k one");
    other.write("q", "k two");
    const flow = await sharing(other, true);
    await flow.update();
    const failure = { code: "target-key-duplicate", message: "row p yields the key k too" };
    expect(await flow.explainTarget("Out", "k")).toMatchObject({ state: "held", failure });
    const [refused] = await flow.explain("q");
    expect(refused!.outputs[0]!.rows).toMatchObject([
      { key: "k", owner: { source: "a", row: "p" }, failure },
    ]);
  });

  test("that nobody yields any more and could not be deleted, it is said why", async () => {
    world.notebook.write("p", "k one");
    const flow = await sharing(new Notebook());
    await flow.update();
    world.notebook.write("p", "else one");
    world.library.before = (rows) => {
      if (rows.some(({ value }) => value === null)) throw new Error("this target never forgets");
    };
    await flow.update();
    expect(await flow.explainTarget("Out", "k")).toMatchObject({
      owner: null,
      others: [],
      state: "in-doubt",
      failure: { message: "this target never forgets" },
    });
    world.library.before = () => {};
    await flow.update();
    await expect(flow.explainTarget("Out", "k")).rejects.toMatchObject({
      code: "row-missing",
      message: "target Out has no row k on record",
    });
  });

  test("a key that nobody yields has near ones", async () => {
    world.notebook.write("p", "apple one");
    const flow = await sharing(new Notebook());
    await flow.update();
    await expect(flow.explainTarget("Out", "aple")).rejects.toMatchObject({ hint: "Did you mean apple?" });
    await expect(flow.explainTarget("Oat", "apple")).rejects.toMatchObject({
      code: "row-missing",
      message: "flow Shared has no export Oat",
    });
  });
});

describe("of a target row that only one row can yield", () => {
  test("that row is told, by the key alone", async () => {
    world.write(20);
    const flow = world.define("Pages");
    await flow.setup();
    await flow.update();
    expect(await flow.explainTarget("Out", "p0007")).toEqual({
      flow: "Pages",
      target: "Out",
      key: "p0007",
      state: "held",
      owner: { source: "pages", row: "p0007" },
      others: [],
      failure: null,
    });
    expect(await flow.explainTarget("Out", { id: "p0007" })).toMatchObject({ key: "p0007" });
    await expect(flow.explainTarget("Out", "p007")).rejects.toMatchObject({
      hint: "Did you mean p0007 or p0017?",
    });
  });

  test("that row is found where the key is a generated id", async () => {
    world.write(300);
    const flow = world.keep(
      defineFlow("Ids", (builder) => {
        const out = builder.addCollector<{ id: string; text: string }>();
        builder
          .addSource("pages", world.notebook.source()({}))
          .forEachRow((page) => out.collect({ id: generatedUuid(), text: page.text }));
        out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
      }),
    );
    await flow.setup();
    await flow.update();
    const [id] = world.library
      .rows("s")
      .find(([, value]) => (value as { text: string }).text === "text 299")!;
    expect(await flow.explainTarget("Out", id)).toMatchObject({ owner: { source: "pages", row: "p0299" } });
  });

  test("it is told from what rows have, until an index that has become needed is made", async () => {
    world.write(3);
    const flow = world.define("Growing");
    await flow.setup();
    await flow.update();
    world.closeFlows();
    const other = new Notebook();
    const grown = world.keep(
      defineFlow("Growing", (builder) => {
        const out = builder.addCollector<{ id: string; text: string }>();
        for (const [name, pages] of [["pages", world.notebook] as const, ["more", other] as const])
          builder
            .addSource(name, pages.source({ ordered: true })({}))
            .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
        out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
      }),
    );
    const owner = { source: "pages", row: "p0001" };
    expect(await grown.explainTarget("Out", "p0001")).toMatchObject({ owner, others: [] });
    other.write("p0001", "other");
    await grown.update();
    expect(await grown.explainTarget("Out", "p0001")).toMatchObject({
      owner: { source: "more", row: "p0001" },
      others: [owner],
    });
  });
});

import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  bytes,
  date,
  defineFlow,
  defineSource,
  type Flow,
  float32,
  int64,
  range,
  uuid,
} from "../../src/index.ts";
import { Notebook } from "../worlds/notebook.ts";
import { useWorld } from "../worlds/use-world.ts";

const world = useWorld();

/** A flow, updated, from rows with these keys. */
async function keyed(schema: unknown, keys: readonly unknown[]): Promise<Flow> {
  const source = defineSource({
    kind: "keyed",
    spec: z.object({}),
    key: schema as z.ZodString,
    value: z.object({ text: z.string() }),
    *list() {
      yield keys.map((key) => ({ key: key as string, value: { text: "text" } }));
    },
    getValue: () => null,
  });
  world.closeFlows();
  const flow = world.keep(
    defineFlow("Keys", (builder) => {
      const out = builder.addCollector<{ id: string }>();
      builder.addSource("rows", source({})).forEachRow((row) => out.collect({ id: row.text }));
      out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
    }),
  );
  await flow.setup();
  expect((await flow.update()).ok).toBe(true);
  return flow;
}

describe("a key is understood", () => {
  const id = "6f1c1f4e-9b7a-4f6e-8d3a-2b1c0d9e8f70";
  test.each<[string, unknown, unknown, unknown[]]>([
    ["a text", z.string(), "12", ["12"]],
    ["an integer", z.int(), 12, ["12", 12]],
    ["a negative one", z.int(), -12, ["-12"]],
    ["a large one", int64(), 2n ** 60n, [String(2n ** 60n), 2n ** 60n]],
    ["a fraction", z.number(), 0.1, ["0.1", 0.1, "1e-1"]],
    ["a single one", float32(), Math.fround(0.1), ["0.1", Math.fround(0.1)]],
    ["a boolean", z.boolean(), true, ["true", true]],
    ["bytes", bytes(), new Uint8Array([0, 255]), ["0x00ff", "0x00FF", new Uint8Array([0, 255])]],
    ["a UUID", uuid(), id, [id, id.toUpperCase()]],
    ["a date", date(), "2026-01-31", ["2026-01-31"]],
    ["a range", range(), [1, 5], ["[1, 5]", [1, 5]]],
    ["one field", z.object({ path: z.string() }), { path: "a/b.md" }, ["a/b.md", { path: "a/b.md" }]],
    [
      "several fields",
      z.object({ path: z.string(), part: z.int() }),
      { path: "a.md", part: 3 },
      ['{path: "a.md", part: 3}', '{"part":3,"path":"a.md"}', { path: "a.md", part: 3 }],
    ],
    ["no text at all", z.string(), "", [""]],
    ["what a terminal cannot be given", z.string(), "a\u0007b", ["a\u0007b", "a\\u0007b"]],
    [
      "a long text",
      z.string(),
      `${"a".repeat(300)}z`,
      [`${"a".repeat(300)}z`, `${"a".repeat(70)}…${"a".repeat(44)}z`],
    ],
  ])("that is %s", async (_what, schema, key, given) => {
    const flow = await keyed(schema, [key]);
    const found = await Promise.all(
      given.map(async (each) => (await flow.explain(each)).map(({ row }) => row)),
    );
    expect(new Set(found.map((rows) => rows.join()))).toHaveLength(1);
    expect(found[0]).toHaveLength(1);
    // What is printed is understood.
    expect(await flow.explain(found[0]![0])).toHaveLength(1);
  });

  test("as every row that it may mean", async () => {
    const both = ["a", "b"].map((end) => `${"x".repeat(100)}${end}${"y".repeat(100)}`);
    const flow = await keyed(z.string(), both);
    const rows = await flow.explain(`${"x".repeat(70)}…${"y".repeat(45)}`);
    expect(rows.map(({ key }) => key)).toEqual(both);
  });
});

describe("a key that is not on record", () => {
  async function hintFor(meant: string, keys: readonly string[]): Promise<string | undefined> {
    const flow = await keyed(z.string(), keys);
    const error: unknown = await flow.explain(meant).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "row-missing",
      message: `source rows has no row ${meant} on record`,
    });
    return (error as { hint?: string }).hint;
  }

  test("names what may have been meant", async () => {
    const keys = ["notes/shopping.md", "notes/travel.md", "todo.md"];
    expect(await hintFor("notes/shoping.md", keys)).toBe("Did you mean notes/shopping.md?");
    expect(await hintFor("Travel", keys)).toBe("Did you mean notes/travel.md?");
    expect(await hintFor("/data/notes/travel.md", keys)).toBe("Did you mean notes/travel.md?");
    expect(await hintFor("notes/", keys)).toBe("Did you mean notes/shopping.md or notes/travel.md?");
  });

  test("says when rows are on record, where nothing is near", async () => {
    expect(await hintFor("a wholly other name", ["todo.md"])).toMatch(/^A row is on record from/);
  });
});

describe("with several sources", () => {
  async function twoSources(): Promise<Flow> {
    const other = new Notebook();
    world.notebook.write("a", "left");
    other.write("a", "right");
    other.write("b", "right");
    const flow = world.keep(
      defineFlow("Two", (builder) => {
        const out = builder.addCollector<{ id: string }>();
        for (const [name, pages] of [["left", world.notebook] as const, ["right", other] as const])
          builder.addSource(name, pages.source()({})).forEachRow((page) => out.collect({ id: page.text }));
        out.export("Out", world.library.target()({ shelf: "s" }), { primaryKeyFields: ["id"] });
      }),
    );
    await flow.setup();
    await flow.update();
    return flow;
  }

  test("the rows of all that have the key are explained, or that of one", async () => {
    const flow = await twoSources();
    const sources = async (key: string, source?: string) =>
      (await flow.explain(key, source === undefined ? {} : { source })).map((row) => row.source);
    expect(await sources("a")).toEqual(["left", "right"]);
    expect(await sources("a", "right")).toEqual(["right"]);
    expect(await sources("b")).toEqual(["right"]);
    await expect(sources("b", "left")).rejects.toMatchObject({
      message: "source left has no row b on record",
    });
    await expect(sources("c")).rejects.toMatchObject({
      message: "source left or right has no row c on record",
    });
    await expect(sources("a", "wright")).rejects.toMatchObject({
      code: "row-missing",
      message: "flow Two has no source wright",
      hint: "Did you mean right? It has left and right.",
    });
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import {
  configure,
  defineFlow,
  defineFunction,
  defineSource,
  defineTarget,
  type Flow,
  generatedUuid,
  range,
  vector,
} from "../../src/index.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import { Notebook } from "../worlds/notebook.ts";
import { Crowd, slowFunction } from "../worlds/text-function.ts";

let notebook: Notebook;
let state: MemoryState;
const flows: Flow[] = [];

beforeEach(() => {
  notebook = new Notebook();
  state = new MemoryState();
  configure({ store: openMemoryStore({ state }) });
});

afterEach(() => {
  for (const flow of flows.splice(0)) flow.close();
  configure({ store: undefined });
});

function keep(flow: Flow): Flow {
  flows.push(flow);
  return flow;
}

/** A target of any schema that keeps what it was given. */
function recorder() {
  const rows = new Map<string, unknown>();
  const batchSizes: number[] = [];
  const target = defineTarget({
    kind: "recorder",
    spec: z.object({ name: z.string() }),
    getPersistentKey: (spec) => spec.name,
    applySetupChange() {},
    mutate(batches) {
      batchSizes.push(batches.length);
      for (const { target: spec, mutations } of batches) {
        for (const { key, value } of mutations) {
          const at = `${spec.name} ${JSON.stringify(key)}`;
          if (value === null) rows.delete(at);
          else rows.set(at, value);
        }
      }
    },
  });
  return { rows, batchSizes, target };
}

const words = defineFunction({
  name: "words",
  input: { text: z.string() },
  output: z.array(
    z.object({ at: range(), word: z.string(), letters: z.array(z.object({ letter: z.string() })) }),
  ),
  run: ({ text }) =>
    [...text.matchAll(/\w+/g)].map((match) => ({
      at: [match.index, match.index + match[0].length] as [number, number],
      word: match[0],
      letters: [...match[0]].map((letter) => ({ letter })),
    })),
});

const count = defineFunction({
  name: "count",
  input: { text: z.string(), factor: z.int().default(1) },
  output: z.int(),
  run: ({ text, factor }) => text.length * factor,
});

test("tables in tables, outer values in inner scopes, and one collector fed from several scopes", async () => {
  notebook.write("p", "ab cd");
  const { rows, target } = recorder();
  const flow = keep(
    defineFlow("Nested", (builder) => {
      const all = builder.addCollector<{ page: string; what: string; place: string; n: number }>();
      builder.addSource("pages", notebook.source({ ordered: true })({})).forEachRow((page) => {
        all.collect({
          page: page.id,
          what: "page",
          place: "whole",
          n: page.text.transform(count, { factor: 10 }),
        });
        page.text.transform(words).forEachRow((word) => {
          all.collect({ page: page.id, what: "word", place: word.word, n: word.word.transform(count) });
          word.letters.forEachRow((letter) => {
            all.collect({
              page: page.id,
              what: "letter",
              place: letter.letter,
              n: page.text.transform(count),
            });
          });
        });
      });
      all.export("All", target({ name: "all" }), { primaryKeyFields: ["page", "what", "place"] });
    }),
  );
  await flow.setup();
  expect((await flow.update()).ok).toBe(true);
  const found = [...rows].map(([at, value]) => `${at} ${JSON.stringify(value)}`).sort();
  expect(found).toEqual(
    [
      'all {"page":"p","what":"letter","place":"a"} {"n":5}',
      'all {"page":"p","what":"letter","place":"b"} {"n":5}',
      'all {"page":"p","what":"letter","place":"c"} {"n":5}',
      'all {"page":"p","what":"letter","place":"d"} {"n":5}',
      'all {"page":"p","what":"page","place":"whole"} {"n":50}',
      'all {"page":"p","what":"word","place":"ab"} {"n":2}',
      'all {"page":"p","what":"word","place":"cd"} {"n":2}',
    ].sort(),
  );
});

test("ids that are generated stay while the other values stay", async () => {
  notebook.write("p", "ab cd ab");
  const { rows, target } = recorder();
  const flow = keep(
    defineFlow("Ids", (builder) => {
      const out = builder.addCollector<{ id: string; word: string }>();
      builder.addSource("pages", notebook.source()({})).forEachRow((page) => {
        page.text.transform(words).forEachRow((word) => {
          out.collect({ id: generatedUuid(), word: word.word });
        });
      });
      out.export("Words", target({ name: "words" }), { primaryKeyFields: ["id"] });
    }),
  );
  await flow.setup();
  await flow.update();
  const before = [...rows];
  expect(before).toHaveLength(3);
  expect(before[0]![0]).toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/);
  notebook.write("p", "xy ab cd ab");
  const info = await flow.update();
  expect(info.targets.Words).toMatchObject({ upserted: 1, deleted: 0 });
  expect([...rows].slice(0, 3)).toEqual(before);
});

test("null skips a call whose argument takes none, and yields null", async () => {
  notebook.write("p", "odd");
  notebook.write("q", "even");
  const maybe = defineFunction({
    name: "maybe",
    input: { text: z.string() },
    output: z.string().nullable(),
    run: ({ text }) => (text === "odd" ? null : text),
  });
  const { rows, target } = recorder();
  const flow = keep(
    defineFlow("Nulls", (builder) => {
      const out = builder.addCollector<{ id: string; n: number | null }>();
      builder.addSource("pages", notebook.source()({})).forEachRow((page) => {
        out.collect({ id: page.id, n: page.text.transform(maybe).transform(count) });
      });
      out.export("Counts", target({ name: "counts" }), { primaryKeyFields: ["id"] });
    }),
  );
  await flow.setup();
  const info = await flow.update();
  expect(info.functions.count).toMatchObject({ computed: 1 });
  expect([...rows.values()]).toEqual([{ n: null }, { n: 4 }]);
});

describe("batched functions", () => {
  function embedFlow(calls: string[][], poison: string | null = null) {
    const embed = defineFunction({
      name: "embed",
      version: 1,
      input: { text: z.string() },
      output: vector(2),
      batching: { maxBatchSize: 8 },
      async runBatch(inputs) {
        calls.push(inputs.map(({ text }) => text));
        if (inputs.some(({ text }) => text === poison)) throw new Error("poison");
        return inputs.map(({ text }) => [text.length, 1]);
      },
    });
    const { rows, target } = recorder();
    const flow = keep(
      defineFlow("Embed", (builder) => {
        const out = builder.addCollector<{ id: string; embedding: Float32Array }>();
        builder.addSource("pages", notebook.source()({})).forEachRow((page) => {
          out.collect({ id: page.id, embedding: page.text.transform(embed) });
        });
        out.export("Vectors", target({ name: "vectors" }), { primaryKeyFields: ["id"] });
      }),
    );
    return { flow, rows };
  }

  test("fill their batches across rows", async () => {
    for (let i = 0; i < 30; i++) notebook.write(`p${i}`, `text ${i}`);
    const calls: string[][] = [];
    const { flow, rows } = embedFlow(calls);
    await flow.setup();
    const info = await flow.update();
    expect(calls.map((call) => call.length)).toEqual([8, 8, 8, 6]);
    expect(info.functions.embed).toMatchObject({ computed: 30, calls: 4 });
    expect([...rows.values()][0]).toEqual({ embedding: new Float32Array([6, 1]) });
  });

  test("fail for the poison input alone", async () => {
    for (let i = 0; i < 10; i++) notebook.write(`p${i}`, `text ${i}`);
    const { flow, rows } = embedFlow([], "text 4");
    await flow.setup();
    const info = await flow.update();
    expect(info.sources.pages).toMatchObject({ inserted: 9, failed: 1 });
    expect(info.failures[0]!.row).toBe("p4");
    expect(rows.size).toBe(9);
  });
});

test("struct and single keys, of sources and of targets", async () => {
  const grid = defineSource({
    kind: "grid",
    spec: z.object({}),
    key: z.object({ place: z.object({ x: z.int(), y: z.int() }), layer: z.string() }),
    value: z.object({ colour: z.string() }),
    *list() {
      yield [
        { key: { place: { x: 1, y: -2 }, layer: "top" }, value: { colour: "red" }, ordinal: 1 },
        { key: { place: { x: 1, y: 2 }, layer: "top" }, value: { colour: "blue" }, ordinal: 1n },
      ];
    },
    getValue: () => null,
  });
  const numbers = defineSource({
    kind: "numbers",
    spec: z.object({}),
    key: z.int(),
    value: z.object({ name: z.string() }),
    *list() {
      yield [{ key: -3, value: { name: "minus three" } }];
    },
    getValue: () => null,
  });
  const seen: unknown[] = [];
  const bare = defineTarget({
    kind: "bare",
    spec: z.object({}),
    key: z.int(),
    value: z.object({ name: z.string() }),
    getPersistentKey: () => "only",
    applySetupChange() {},
    mutate(batches) {
      for (const { mutations } of batches) seen.push(...mutations);
    },
  });
  const { rows, target } = recorder();
  const flow = keep(
    defineFlow("Keys", (builder) => {
      const cells = builder.addCollector<{
        place: { x: number; y: number };
        layer: string;
        colour: string;
      }>();
      builder.addSource("grid", grid({})).forEachRow((cell) => {
        cells.collect({ place: cell.place, layer: cell.layer, colour: cell.colour });
      });
      cells.export("Cells", target({ name: "cells" }), { primaryKeyFields: ["place", "layer"] });
      const names = builder.addCollector<{ n: number; name: string }>();
      builder.addSource("numbers", numbers({})).forEachRow((row) => {
        names.collect({ n: row.key, name: row.name });
      });
      names.export("Names", bare({}), { primaryKeyFields: ["n"] });
    }),
  );
  await flow.setup();
  expect((await flow.update()).ok).toBe(true);
  expect([...rows]).toEqual([
    ['cells {"place":{"x":1,"y":-2},"layer":"top"}', { colour: "red" }],
    ['cells {"place":{"x":1,"y":2},"layer":"top"}', { colour: "blue" }],
  ]);
  expect(seen).toEqual([{ key: -3, value: { name: "minus three" } }]);
  const again = await flow.update();
  expect(again.sources.grid).toMatchObject({ unchanged: 2, read: 0 });
});

test("one mutate call carries many rows and every export of its kind", async () => {
  for (let i = 0; i < 20; i++) notebook.write(`p${i}`, `text ${i}`);
  const { rows, batchSizes, target } = recorder();
  const flow = keep(
    defineFlow("Two", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder
        .addSource("pages", notebook.source()({}))
        .forEachRow((page) => out.collect({ id: page.id, text: page.text }));
      out.export("A", target({ name: "a" }), { primaryKeyFields: ["id"] });
      out.export("B", target({ name: "b" }), { primaryKeyFields: ["id"] });
    }),
  );
  await flow.setup();
  await flow.update();
  expect(rows.size).toBe(40);
  expect(batchSizes.every((size) => size === 2)).toBe(true);
  expect(batchSizes.length).toBeLessThan(12);
});

test("the rows of a table run side by side up to the limits of forEachRow", async () => {
  notebook.write("p", "aa bb cc dd ee ff gg hh");
  const mostOf = async (limits: { maxInflightRows?: number; maxInflightBytes?: number }) => {
    const crowd = new Crowd();
    const slow = slowFunction(crowd);
    const flow = defineFlow("Tables", (builder) => {
      const out = builder.addCollector<{ id: string; text: string }>();
      builder.addSource("pages", notebook.source()({})).forEachRow((page) => {
        page.text
          .transform(words)
          .forEachRow((word) => out.collect({ id: word.word, text: word.word.transform(slow) }), limits);
      });
      out.export("Words", recorder().target({ name: "words" }), { primaryKeyFields: ["id"] });
    });
    await flow.setup();
    const info = await flow.update({ fullReprocess: true });
    flow.close();
    expect(info.ok).toBe(true);
    return crowd.most;
  };
  expect(await mostOf({})).toBe(8);
  expect(await mostOf({ maxInflightRows: 3 })).toBe(3);
  expect(await mostOf({ maxInflightBytes: 1 })).toBe(1);
  const two = await mostOf({ maxInflightBytes: 500 });
  expect(two).toBeGreaterThan(1);
  expect(two).toBeLessThan(8);
});

test("onDuplicateKey: the first entry of a row wins, or the row fails", async () => {
  notebook.write("p", "ab ab");
  const { rows, target } = recorder();
  const define = (onDuplicateKey: "first" | "error") =>
    keep(
      defineFlow(`Duplicates_${onDuplicateKey}`, (builder) => {
        const out = builder.addCollector<{ word: string; at: [number, number] }>();
        builder.addSource("pages", notebook.source()({})).forEachRow((page) => {
          page.text.transform(words).forEachRow((word) => out.collect({ word: word.word, at: word.at }));
        });
        out.export("Words", target({ name: onDuplicateKey }), { primaryKeyFields: ["word"], onDuplicateKey });
      }),
    );
  const first = define("first");
  await first.setup();
  await first.update();
  expect([...rows.values()]).toEqual([{ at: [0, 2] }]);
  const strict = define("error");
  await strict.setup();
  expect((await strict.update()).failures[0]!.error).toMatchObject({ code: "target-key-duplicate" });
});

describe("evaluate", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "sluice-evaluate-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  test("writes what each row yields, and changes neither targets nor store", async () => {
    notebook.write("p/1", "ab cd");
    notebook.write("q", "bad");
    let calls = 0;
    const check = defineFunction({
      name: "check",
      version: 1,
      cache: true,
      input: { text: z.string() },
      output: z.string(),
      run: ({ text }) => {
        calls++;
        if (text === "bad") throw new Error("not this one");
        return text.toUpperCase();
      },
    });
    const { rows, target } = recorder();
    const flow = keep(
      defineFlow("Evaluate", (builder) => {
        const out = builder.addCollector<{ id: string; n: number; loud: string }>();
        builder.addSource("pages", notebook.source()({})).forEachRow((page) => {
          const loud = page.set("loud", page.text.transform(check));
          page.text.transform(words).forEachRow((word) => {
            out.collect({ id: word.word, n: word.set("size", word.word.transform(count)), loud });
          });
        });
        out.export("Words", target({ name: "words" }), { primaryKeyFields: ["id"] });
      }),
    );
    await flow.setup();
    await flow.update();
    expect(calls).toBe(2);
    const before = structuredClone(
      [...state.flows.values()].map(({ setup, sources }) => ({ setup, sources })),
    );
    const written = [...rows];
    const info = await flow.evaluateAndDump({ outputDir: directory });
    expect(info).toMatchObject({ rows: 2, failed: 1, incomplete: [], ok: false });
    expect(calls).toBe(3); // the failure is not remembered, the result is
    await flow.evaluateAndDump({ outputDir: directory, useCache: false });
    expect(calls).toBe(5);
    expect([...state.flows.values()].map(({ setup, sources }) => ({ setup, sources }))).toEqual(before);
    expect([...rows]).toEqual(written);

    const files = readdirSync(directory).sort();
    expect(files).toEqual([expect.stringMatching(/^pages@p_1~[0-9a-f]{8}\.yaml$/), "pages@q.yaml"]);
    expect(parse(readFileSync(join(directory, files[0]!), "utf8"))).toEqual({
      source: "pages",
      key: { id: "p/1" },
      fields: { loud: "AB CD", size: [2, 2] },
      exports: {
        Words: [
          { id: "ab", n: 2, loud: "AB CD" },
          { id: "cd", n: 2, loud: "AB CD" },
        ],
      },
    });
    expect(parse(readFileSync(join(directory, files[1]!), "utf8"))).toMatchObject({
      key: { id: "q" },
      error: { code: "function-failed", message: "not this one" },
    });
  });
});

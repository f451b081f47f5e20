import { expect, test } from "vitest";
import { z } from "zod";
import { defineFunction } from "../contracts/define-function.ts";
import { defineSource } from "../contracts/define-source.ts";
import { defineTarget } from "../contracts/define-target.ts";
import { generatedUuid } from "../flow/index.ts";
import { defineFlow } from "./define-flow.ts";
import { describeFlow } from "./describe-flow.ts";

const texts = defineSource({
  kind: "texts",
  spec: z.object({ path: z.string() }),
  key: z.object({ filename: z.string() }),
  value: z.object({ content: z.string().nullable() }),
  *list() {},
  getValue: () => null,
});

const split = defineFunction({
  name: "split",
  version: 2,
  input: { text: z.string(), size: z.int() },
  output: z.array(z.object({ text: z.string() })),
  run: () => [],
});

const embed = defineFunction({
  name: "embed",
  version: "a",
  cache: true,
  input: { text: z.string() },
  output: z.number(),
  batching: { maxBatchSize: 8 },
  timeout: "30s",
  retry: { attempts: 5 },
  rateLimit: { calls: 60, per: "1m" },
  tokenLimit: { tokens: 9, per: "1s" },
  countTokens: () => 1,
  runBatch: (inputs) => inputs.map(() => 0),
});

const table = defineTarget({
  kind: "table",
  spec: z.object({ name: z.string() }),
  getPersistentKey: ({ name }) => name,
  describe: (key) => `Table ${key}`,
  applySetupChange() {},
  mutate() {},
});

const flow = defineFlow("Described", (builder) => {
  const documents = builder.addSource("documents", texts({ path: "data" }), { refreshInterval: "5s" });
  const chunks = builder.addCollector<{ id: string; file: string; a: number; b: number | null }>();
  documents.forEachRow((doc) => {
    const whole = doc.set("whole", doc.content.transform(embed));
    doc.content.transform(split, { size: 500 }).forEachRow((chunk) => {
      const score = chunk.text.transform(embed);
      chunks.collect({ id: generatedUuid(), file: doc.filename, a: score, b: whole });
    });
  });
  chunks.export("Chunks", table({ name: "chunks" }), { primaryKeyFields: ["id"] });
});

test("steps are told with names that can be followed", () => {
  const [source] = describeFlow(flow).sources;
  expect(source).toMatchObject({
    name: "documents",
    kind: "texts",
    spec: { path: "data" },
    keyType: "{ filename: string }",
    options: { refreshIntervalMs: 5_000 },
  });
  const [whole, chunked, each] = source!.steps;
  expect(whole).toMatchObject({
    kind: "call",
    result: "documents.whole",
    function: "embed",
    arguments: [{ name: "text", value: { slice: "documents.content", type: "string?" }, skipOnNull: true }],
    type: "float64?",
  });
  expect(chunked).toMatchObject({
    result: "split",
    arguments: [{ name: "text" }, { name: "size", value: { kind: "constant", value: 500 } }],
  });
  expect(each).toMatchObject({
    kind: "forEachRow",
    table: "split",
    row: "split[]",
    rowType: "{ text: string }",
  });
  const [call, collect] = each?.kind === "forEachRow" ? each.steps : [];
  expect(call).toMatchObject({ result: "embed", arguments: [{ value: { slice: "split[].text" } }] });
  expect(collect).toEqual({
    kind: "collect",
    exports: ["Chunks"],
    fields: [
      { name: "id", value: { kind: "generatedUuid" } },
      { name: "file", value: { kind: "slice", slice: "documents.filename", type: "string" } },
      { name: "a", value: { kind: "slice", slice: "embed", type: "float64" } },
      { name: "b", value: { kind: "slice", slice: "documents.whole", type: "float64?" } },
    ],
  });
});

test("functions and exports are told with what decides their behaviour", () => {
  const { functions, exports } = describeFlow(flow);
  expect(
    functions.map(({ name, version, code, cache, maxBatchSize }) => [
      name,
      version,
      code,
      cache,
      maxBatchSize,
    ]),
  ).toEqual([
    ["embed", "a", null, true, 8],
    ["split", 2, null, false, null],
  ]);
  expect(functions[0]).toMatchObject({
    timeoutMs: 30_000,
    attempts: 5,
    rateLimit: { calls: 60, perMs: 60_000 },
    tokenLimit: { tokens: 9, perMs: 1_000 },
  });
  expect(functions[1]).toMatchObject({ timeoutMs: null, attempts: null, rateLimit: null });
  expect(exports).toMatchObject([
    {
      name: "Chunks",
      targetKind: "table",
      description: "Table chunks",
      key: "chunks",
      primaryKeyFields: [{ name: "id", type: "uuid" }],
    },
  ]);
});

test("a description is plain data", () => {
  const description = describeFlow(flow);
  expect(JSON.parse(JSON.stringify(description))).toEqual(description);
});

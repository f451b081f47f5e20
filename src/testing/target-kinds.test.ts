import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Library } from "../../test/worlds/notebook.ts";
import { defineTarget } from "../contracts/define-target.ts";
import {
  bytes,
  date,
  duration,
  float32,
  int64,
  json,
  localDateTime,
  offsetDateTime,
  range,
  time,
  uuid,
  vector,
} from "../values/index.ts";
import { targetConformance } from "./target-conformance.ts";

/** Every type that a flow can have. */
const everyType = z.object({
  boolean: z.boolean(),
  bytes: bytes(),
  int: z.int(),
  int64: int64(),
  float32: float32(),
  float64: z.number(),
  range: range(),
  uuid: uuid(),
  date: date(),
  time: time(),
  localDateTime: localDateTime(),
  offsetDateTime: offsetDateTime(),
  duration: duration(),
  json: json(),
  vector: vector(4),
  anyVector: vector(undefined, { element: "float64" }),
  list: z.array(z.string().nullable()),
  tuple: z.tuple([z.string(), z.int()]),
  struct: z.object({ text: z.string(), inner: z.object({ number: z.number().nullable() }) }),
  table: z.array(z.object({ name: z.string(), size: z.int() })),
  union: z.union([z.string(), z.int(), z.object({ a: z.boolean() })]),
  choice: z.enum(["one", "other"]).nullable(),
  optional: z.string().optional(),
});

const library = new Library();
const wide = targetConformance({
  target: ({ name }) => library.target()({ shelf: name }),
  key: z.object({ id: z.string() }),
  value: everyType,
  readBack: ({ name }) =>
    library.shelves.has(name)
      ? library.rows(name).map(([id, value]) => ({ key: { id }, value: value as never }))
      : null,
  manyRows: 100,
});

describe("the target that tests use keeps the contract, with values of every type", () => {
  for (const { name, run } of wide) test(name, run);
});

/** Rows by a key of any type, which is given bare. */
const drawers = new Map<string, Map<string, { readonly key: number; readonly value: unknown }>>();
const bare = defineTarget({
  kind: "drawers",
  spec: z.object({ name: z.string() }),
  key: z.int(),
  getPersistentKey: ({ name }) => name,
  applySetupChange({ key, current }) {
    if (current === null) drawers.delete(String(key));
    else if (!drawers.has(String(key))) drawers.set(String(key), new Map());
  },
  mutate(batches) {
    for (const { target, mutations } of batches) {
      const rows = drawers.get(target.name)!;
      for (const { key, value } of mutations) {
        if (value === null) rows.delete(String(key));
        else rows.set(String(key), { key, value: structuredClone(value) });
      }
    }
  },
  readBack: ({ name }) => [[...drawers.get(name)!.values()]],
});

describe("a target with bare keys keeps the contract", () => {
  const suite = targetConformance({
    target: ({ name }) => bare({ name }),
    key: z.int(),
    value: z.object({ key: z.string(), amount: z.number().min(0).max(1) }),
    rows: [{ key: 5, value: { key: "five", amount: 0.5 } }],
    readBack: ({ name }) => (drawers.has(name) ? ([...drawers.get(name)!.values()] as never) : null),
    capabilities: { readBack: true },
    manyRows: 100,
  });
  for (const { name, run } of suite) test(name, run);
});

describe("a kit that cannot make rows says what it needs", () => {
  const withSchemas = (key: z.ZodType, value: z.ZodObject, more: object = {}) =>
    targetConformance({
      target: ({ name }) => library.target()({ shelf: name }) as never,
      key,
      value,
      readBack: () => null,
      ...more,
    }).find(({ name }) => name === "an upsert inserts a row")!;
  const anyValue = z.object({ text: z.string() });

  test.each([
    ["keys", z.object({ id: z.string().regex(/^k[0-9]{7}$/) }), anyValue, {}, /give numberedKey/],
    ["several keys", z.object({ id: z.enum(["row-0"]) }), anyValue, {}, /give numberedKey/],
    [
      "values",
      z.object({ id: z.string() }),
      z.object({ text: z.string().regex(/^v[0-9]{7}$/) }),
      {},
      /give rows/,
    ],
    [
      "rows that fit",
      z.object({ id: z.string() }),
      anyValue,
      { rows: [{ key: { id: 1 }, value: {} }] },
      /a row that was given does not fit/,
    ],
  ])("%s", async (_, key, value, more, said) => {
    const error = await withSchemas(key, value, more)
      .run()
      .catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(/the rule "an upsert inserts a row" could not be checked: /);
    expect(String(error)).toMatch(said);
  });
});

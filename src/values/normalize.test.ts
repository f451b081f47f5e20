import { expect, test } from "vitest";
import { z } from "zod";
import { normalizer } from "./normalize.ts";
import * as ours from "./schemas.ts";
import { table } from "./table.ts";
import { typeOfSchema } from "./type-of-schema.ts";

const normalize = (schema: z.ZodType, value: unknown) => normalizer(typeOfSchema(schema, "test"))(value);
const chunk = z.object({ text: z.string(), note: z.string().optional(), n: z.int().nullable() });
const cyclic: unknown[] = [];
cyclic.push([cyclic]);

const refused: readonly (readonly [z.ZodType, unknown, string])[] = [
  [z.string(), 5, "expected a string, got number 5"],
  [z.string(), undefined, "expected a string, got undefined"],
  [z.string(), "ab\ud800", "the text has a lone surrogate at position 2; repair it with text.toWellFormed()"],
  [z.int(), 1.5, "expected an integer (at most 2^53 - 1 in size), got number 1.5"],
  [z.int(), 2 ** 53, "expected an integer (at most 2^53 - 1 in size), got number 9007199254740992"],
  [
    z.object({ chunks: z.array(chunk) }),
    {
      chunks: [
        { text: "", n: 1 },
        { text: 7, n: 1 },
      ],
    },
    "chunks[1].text: expected a string, got number 7",
  ],
  [
    z.object({ chunks: z.array(chunk) }),
    { chunks: [{ n: 1 }] },
    "chunks[0].text: the field is missing (expected a string, got undefined)",
  ],
  [
    z.object({ "a b": z.array(z.int()) }),
    { "a b": [1, null] },
    '["a b"][1]: expected an integer (at most 2^53 - 1 in size), got null',
  ],
  [z.tuple([z.int(), z.string()]), [1], "[1]: expected a string, got undefined"],
  [z.tuple([z.int()]), [1, 2], "expected an array of 1, got an array of 2"],
  [z.array(z.int()), "abc", 'expected an array, got the text "abc"'],
  [z.array(chunk), {}, "expected an array of rows, got an object"],
  [chunk, new Map(), "text: the field is missing (expected a string, got undefined)"],
  [chunk, [], "expected an object, got an array of 0"],
  [
    z.object({ constructor: z.int() }),
    {},
    "constructor: the field is missing (expected an integer (at most 2^53 - 1 in size), got undefined)",
  ],
  [ours.vector(2), Float32Array.of(1), "expected a vector of 2 numbers, got 1"],
  [ours.vector(), "x", 'expected a vector (a Float32Array), got the text "x"'],
  [ours.vector(), [1, 1e300], "[1]: number 1e+300 is beyond the range of a float32"],
  [
    z.record(z.string(), z.int()),
    { a: { b: [1, 2n] } },
    "a.b[1]: expected a JSON value, got bigint 2; give it as text",
  ],
  [z.record(z.string(), z.int()), null, "expected a JSON value, got null"],
  [ours.json(), { a: Number.NaN }, "a: expected a finite number in JSON, got number NaN"],
  [ours.json(), [undefined], "[0]: expected a JSON value, got undefined"],
  [ours.json(), { "\ud800": 1 }, 'the name "\\ud800" has a lone surrogate'],
  [ours.json(), { a: "\udc00" }, "a: the text has a lone surrogate; repair it with text.toWellFormed()"],
  [ours.json(), cyclic, "[0][0]"],
  [z.union([z.string(), z.int()]), true, "expected one of string, int, got boolean true"],
  [z.union([z.string(), chunk]), { text: 1, n: 1 }, "text: expected a string, got number 1"],
  [
    table(chunk, { key: ["text"] }),
    [
      { text: "a", n: 1 },
      { text: "a", n: 2 },
    ],
    'rows 0 and 1 have the same key {text: "a"}',
  ],
];

test.each(refused)("%# is refused with its place", (schema, value, message) => {
  expect(() => normalize(schema, value)).toThrow(expect.objectContaining({ code: "value-invalid" }));
  expect(() => normalize(schema, value)).toThrow(message);
});

const changed: readonly (readonly [z.ZodType, unknown, unknown])[] = [
  [chunk, { n: undefined, text: "a", extra: 1 }, { text: "a", n: null }],
  [chunk, { text: "a", note: undefined, n: 1 }, { text: "a", n: 1 }],
  [chunk, { text: "a", note: null, n: 1 }, { text: "a", n: 1 }],
  [z.object({ a: z.string().nullish() }), { a: null }, { a: null }],
  [z.object({ a: z.string().nullish() }), {}, {}],
  [z.tuple([z.int(), z.int().nullable()]), [1], [1, null]],
  [z.number(), -0, 0],
  [ours.vector(), Float32Array.of(-0, 1), Float32Array.of(0, 1)],
  [ours.vector(), Float64Array.of(0.1), Float32Array.of(0.1)],
  [z.iso.time(), "07:05", "07:05:00"],
  [z.uuid(), "123E4567-E89B-12D3-A456-426614174000", "123e4567-e89b-12d3-a456-426614174000"],
  [z.union([ours.float32(), z.number()]), 0.1, 0.1],
  [z.union([ours.vector(), z.array(z.number())]), [0.5], [0.5]],
  [z.array(z.iso.time()), ["01:02:03", "07:05"], ["01:02:03", "07:05:00"]],
];

test.each(changed)("%# takes its canonical form", (schema, value, wanted) => {
  expect(normalize(schema, value)).toStrictEqual(wanted);
});

test("a union yields what the first option that takes the canonical form makes of it", () => {
  const row = z.object({ z: z.array(z.number().nullable()), a: z.string() });
  const result = normalize(z.union([ours.json(), row]), { z: [undefined], a: "" });
  expect(JSON.stringify(result)).toBe('{"a":"","z":[null]}');
});

test("a union takes the option that loses nothing", () => {
  const a = z.object({ t: z.string(), x: z.int().optional() });
  const b = z.object({ t: z.string(), y: z.int() });
  expect(normalize(z.union([a, b]), { t: "b", y: 1 })).toStrictEqual({ t: "b", y: 1 });
  expect(normalize(z.union([a, b]), { t: "b", y: 1, z: 1 })).toStrictEqual({ t: "b" });
});

test("canonical values are not copied, and nothing given is changed", () => {
  const rows = [
    { text: "b", n: null },
    { text: "a", n: -0 },
  ];
  const first = rows[0];
  const result = normalize(z.array(chunk), rows) as unknown[];
  expect(result).not.toBe(rows);
  expect(result[0]).toBe(first);
  expect(rows[1]).toStrictEqual({ text: "a", n: -0 });
  const sorted = normalize(table(chunk, { key: ["text"] }), rows) as { text: string }[];
  expect(sorted.map((row) => row.text)).toEqual(["a", "b"]);
  expect(rows[0]).toBe(first);
});

test("instances of classes are read through their getters and become plain", () => {
  class Chunk {
    get text() {
      return "a";
    }
    n = 1;
  }
  expect(normalize(chunk, new Chunk())).toStrictEqual({ text: "a", n: 1 });
});

test("a field called __proto__ is one like others", () => {
  const type = {
    kind: "struct",
    fields: [{ name: "__proto__", type: { kind: "int", nullable: false }, optional: false }],
    nullable: false,
  } as const;
  expect(() => normalizer(type)({})).toThrow("__proto__: the field is missing");
  const value = JSON.parse('{"extra": 1, "__proto__": 5}');
  expect(Object.entries(normalizer(type)(value) as object)).toEqual([["__proto__", 5]]);
});

test("JSON of 500 levels is taken, deeper is not", () => {
  const nested = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels));
  expect(normalize(ours.json(), nested(500))).toEqual(nested(500));
  expect(() => normalize(ours.json(), nested(501))).toThrow("deeper than 500 levels");
});

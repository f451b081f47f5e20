import { expect, test } from "vitest";
import { z } from "zod";
import { formatKey } from "./format-key.ts";
import * as ours from "./schemas.ts";
import { toPlain } from "./to-plain.ts";
import { typeOfSchema } from "./type-of-schema.ts";

const type = (schema: z.ZodType) => typeOfSchema(schema, "test");

const keys: readonly (readonly [z.ZodType, unknown, string])[] = [
  [z.string(), 'docs/a "b".md', 'docs/a "b".md'],
  [z.string(), "a\n\0\u009f\x7fb", "a\\n\\u0000\\u009f\\u007fb"],
  [z.object({ a: z.int(), "b c": z.string() }), { a: 1, "b c": "x\n" }, '{a: 1, "b c": "x\\n"}'],
  [z.tuple([z.string().nullable(), ours.range()]), [null, [1, 5]], "[null, [1, 5]]"],
  [ours.bytes(), Uint8Array.of(1, 255), "0x01ff"],
  [z.tuple([z.string()]), ["\x9f"], '["\\u009f"]'],
  [z.bigint(), 5n, "5"],
  [ours.date(), "2024-02-29", "2024-02-29"],
  [z.boolean().nullable(), null, "null"],
];
test.each(keys)("%# is shown as a key", (schema, key, text) =>
  expect(formatKey(type(schema), key)).toBe(text),
);

test("long keys keep both ends and whole characters", () => {
  const long = formatKey(type(z.string()), `start${"😀".repeat(100_000)}end.md`);
  expect(long).toMatch(/^start(😀)+…(😀)+end\.md$/u);
  expect(Array.from(long).length).toBe(116);
  expect(formatKey(type(ours.bytes()), new Uint8Array(10_000)).length).toBeLessThan(130);
});

const plain: readonly (readonly [z.ZodType, unknown, unknown])[] = [
  [ours.bytes(), Uint8Array.of(0, 255, 104), "AP9o"],
  [ours.vector(), Float32Array.of(0.1, 1 / 3, 16777216, Number.NaN), [0.1, 0.33333334, 16777216, Number.NaN]],
  [ours.vector(1, { element: "float64" }), Float64Array.of(0.1), [0.1]],
  [z.bigint(), -(2n ** 63n), "-9223372036854775808"],
  [ours.float32(), Math.fround(3.4e38), 3.4e38],
  [z.array(ours.bytes().nullable()), [null, new Uint8Array()], [null, ""]],
  [z.tuple([z.bigint(), z.string()]), [1n, "a"], ["1", "a"]],
  [
    z.array(z.object({ a: z.bigint().optional(), b: z.int() })),
    [{ b: 1 }, { a: 2n, b: 1 }],
    [{ b: 1 }, { a: "2", b: 1 }],
  ],
  [
    z.union([z.string(), z.object({ b: z.array(ours.bytes()), v: ours.vector(), n: z.bigint() })]),
    { b: [Uint8Array.of(0)], v: Float32Array.of(0.1), n: 1n },
    { b: ["AA=="], v: [0.1], n: "1" },
  ],
  [ours.json(), { a: [1, null] }, { a: [1, null] }],
];
test.each(plain)("%# is made plain", (schema, value, wanted) =>
  expect(toPlain(type(schema), value)).toStrictEqual(wanted),
);

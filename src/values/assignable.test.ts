import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { messageOf } from "../errors/index.ts";
import { anyType, drawn } from "./arbitrary-value.test.ts";
import { whyNotAssignable } from "./assignable.ts";
import { normalizer } from "./normalize.ts";
import * as ours from "./schemas.ts";
import { table } from "./table.ts";
import { typeOfSchema } from "./type-of-schema.ts";

const why = (from: z.ZodType, to: z.ZodType) =>
  whyNotAssignable(typeOfSchema(from, "from"), typeOfSchema(to, "to"));
const s = z.string();
const n = z.number();
const i = z.int();
const keyed = table(z.object({ a: i, b: s }), { key: ["a"] });

const fits: readonly (readonly [z.ZodType, z.ZodType])[] = [
  [i, n],
  [ours.float32(), n],
  [ours.uuid(), s],
  [ours.date(), s],
  [ours.duration(), s],
  [s, s.nullable()],
  [s, s.optional()],
  [z.object({ a: i, b: s }), z.object({ b: s })],
  [z.object({}), z.object({ a: s.optional(), b: s.nullable() })],
  [z.object({ a: s.optional() }), z.object({ a: s.nullable() })],
  [ours.vector(384), ours.vector()],
  [ours.vector(384), ours.vector(384)],
  [z.array(n), ours.vector(undefined, { element: "float64" })],
  [ours.range(), z.tuple([i, n])],
  [ours.range(), z.array(i)],
  [z.tuple([i, i]), z.array(n)],
  [z.array(z.object({ a: i, b: s })), z.array(z.object({ a: n }))],
  [keyed, z.array(z.object({ a: i }))],
  [keyed, keyed],
  [keyed, z.array(z.object({ a: i }).nullable())],
  [z.array(z.object({ a: ours.date().nullish(), b: z.array(n) })), ours.json()],
  [z.record(s, i), ours.json()],
  [s, z.union([i, s])],
  [z.union([i, ours.float32()]), n],
  [z.union([i, s]), z.union([s, n])],
  [z.union([i, s]), ours.json()],
];

test.each(fits)("%# fits", (from, to) => expect(why(from, to)).toBe(null));

const unfit: readonly (readonly [z.ZodType, z.ZodType, string])[] = [
  [n, i, "the value is float64, but int is wanted"],
  [n, ours.float32(), "the value is float64, but float32 is wanted"],
  [s, ours.uuid(), "the value is string, but uuid is wanted"],
  [z.bigint(), n, "the value is int64, but float64 is wanted"],
  [s.nullable(), s, "the value may be null, which is not accepted"],
  [z.object({ a: s.nullable() }), z.object({ a: s }), "a may be null, which is not accepted"],
  [z.object({ a: s.nullable() }), z.object({ a: s.optional() }), "a may be null, which is not accepted"],
  [z.object({ a: s.optional() }), z.object({ a: s }), "a may be absent, which is not accepted"],
  [z.object({}), z.object({ "x y": s }), '["x y"] is missing'],
  [
    z.object({ a: z.array(z.object({ b: s })) }),
    z.object({ a: z.array(z.object({ b: i })) }),
    "a[].b is string, but int is wanted",
  ],
  [ours.vector(), ours.vector(384), "the value is vector<float32>, but vector<float32, 384> is wanted"],
  [ours.vector(3), ours.vector(4), "the value is vector<float32, 3>, but vector<float32, 4> is wanted"],
  [
    ours.vector(3),
    ours.vector(3, { element: "float64" }),
    "the value is vector<float32, 3>, but vector<float64, 3> is wanted",
  ],
  [z.array(n), ours.vector(3), "the value is list<float64>, but vector<float32, 3> is wanted"],
  [z.array(s), ours.vector(), "the value is list<string>, but vector<float32> is wanted"],
  [z.tuple([i, i]), ours.range(), "the value is [int, int], but range is wanted"],
  [ours.range(), z.tuple([i]), "the value has 2 items, but 1 are wanted"],
  [z.tuple([i, s]), z.array(i), "[] is string, but int is wanted"],
  [
    z.array(z.object({ a: i, b: s })),
    keyed,
    "the value is table<{ a: int, b: string }>, but a table with the key a is wanted",
  ],
  [s, z.array(z.object({})), "the value is string, but table<{}> is wanted"],
  [z.object({ a: z.array(ours.bytes()) }), ours.json(), "a[] is bytes, which is not JSON"],
  [z.bigint(), ours.json(), "the value is int64, which is not JSON"],
  [ours.json(), s, "the value may be null, which is not accepted"],
  [z.record(s, s), s, "the value is json, but string is wanted"],
  [z.boolean(), z.union([i, s]), "the value is boolean, but (int | string) is wanted"],
  [z.union([i, s]), i, "the value is string, but int is wanted"],
];

test.each(unfit)("%# does not fit, and it says why", (from, to, reason) =>
  expect(why(from, to)).toBe(reason),
);

test("what is assignable can be normalised to the other type", () => {
  let assignable = 0;
  const pairs = anyType.chain((from) =>
    fc.record({
      from: fc.constant(from),
      to: fc.oneof(anyType, fc.constant({ ...from, nullable: true })),
      value: drawn(from),
    }),
  );
  fc.assert(
    fc.property(pairs, ({ from, to, value }) => {
      if (whyNotAssignable(from, to) !== null) return;
      assignable++;
      const canonical = normalizer(from)(value);
      try {
        normalizer(to)(canonical);
      } catch (error) {
        // The one thing that no type tells: whether a number is finite, as JSON wants it.
        expect(messageOf(error)).toMatch("expected a finite number in JSON");
      }
    }),
    { numRuns: 3000 },
  );
  expect(assignable).toBeGreaterThan(1000);
});

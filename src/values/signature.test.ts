import { expect, test } from "vitest";
import { z } from "zod";
import * as ours from "./schemas.ts";
import { formatType, typeSignature } from "./signature.ts";
import { table } from "./table.ts";
import { typeOfSchema } from "./type-of-schema.ts";

const type = (schema: z.ZodType) => typeOfSchema(schema, "test");
const page = z.object({
  filename: z.string(),
  "x y": z.tuple([z.int(), ours.range()]).optional(),
  embedding: ours.vector(384).nullable(),
});

test("a type is shown as declared and signed in sorted order", () => {
  expect(formatType(type(page))).toBe(
    '{ filename: string, "x y"?: [int, range], embedding: vector<float32, 384>? }',
  );
  expect(typeSignature(type(page))).toBe(
    '{ "x y"?: [int, range], embedding: vector<float32, 384>?, filename: string }',
  );
});

const alike: readonly (readonly [z.ZodType, z.ZodType])[] = [
  [z.object({ a: z.int(), b: z.string() }), z.object({ b: z.string(), a: z.int() })],
  [z.union([z.int(), z.string()]), z.union([z.string(), z.int()])],
  [z.enum(["a"]), z.string()],
];
test.each(alike)("%# have one signature", (a, b) =>
  expect(typeSignature(type(a))).toBe(typeSignature(type(b))),
);

const rows = z.object({ a: z.int(), b: z.int() });
const different = [
  z.array(rows),
  table(rows, { key: ["a"] }),
  table(rows, { key: ["a", "b"] }),
  table(rows, { key: ["b", "a"] }),
  rows,
  rows.nullable(),
  rows.partial(),
  z.array(rows.nullable()),
  z.tuple([rows]),
  ours.vector(),
  ours.vector(1),
  ours.vector(1, { element: "float64" }),
  z.union([z.int(), z.string()]),
  z.union([z.int(), z.string()]).nullable(),
  z.union([z.int().nullable(), z.string(), z.boolean()]),
  z.object({ "a: int, b": z.int() }),
  z.object({}),
];
test("different types have different signatures", () => {
  expect(new Set(different.map((schema) => typeSignature(type(schema)))).size).toBe(different.length);
});

import { describe, expect, test } from "vitest";
import { z } from "zod";
import { isSluiceError } from "../errors/index.ts";
import { schemaNeedsParse } from "./schema-needs-parse.ts";
import * as ours from "./schemas.ts";
import { formatType } from "./signature.ts";
import { table } from "./table.ts";
import { typeOfSchema } from "./type-of-schema.ts";

const text = z.string();
const point = z.object({ x: z.number(), y: z.int().optional() });

/** Schema, its type, and whether a value of the type must still be parsed. */
const supported: Readonly<Record<string, readonly [z.ZodType, string, boolean]>> = {
  string: [text, "string", false],
  "string with a check": [text.min(1), "string", true],
  "string trimmed": [text.trim(), "string", true],
  email: [z.email(), "string", true],
  enum: [z.enum(["a", "b"]), "string", true],
  "enum of numbers": [z.enum({ A: 0, B: 1 }), "int", true],
  "enum of TypeScript": [z.enum({ A: 0, 0: "A" } as Record<string, string | number>), "int", true],
  literal: [z.literal("a"), "string", true],
  "literals and null": [z.literal(["a", 1, null]), "(string | int)?", true],
  "literal bigint": [z.literal(5n), "int64", true],
  "literal fraction": [z.literal(0.5), "float64", true],
  "literal boolean": [z.literal(true), "boolean", true],
  "template literal": [z.templateLiteral(["a", text]), "string", true],
  uuid: [z.uuid(), "uuid", true],
  guid: [z.guid(), "uuid", false],
  "string().uuid()": [text.uuid(), "uuid", true],
  date: [z.iso.date(), "date", false],
  "string().date()": [text.date(), "date", true],
  time: [z.iso.time(), "time", true],
  "local datetime": [z.iso.datetime({ local: true }), "localDateTime", true],
  datetime: [z.iso.datetime(), "offsetDateTime", true],
  "datetime with offset": [z.iso.datetime({ offset: true }), "offsetDateTime", true],
  number: [z.number(), "float64", true],
  int: [z.int(), "int", false],
  "number().int()": [z.number().int(), "int", true],
  int32: [z.int32(), "int", true],
  uint32: [z.uint32(), "int", true],
  float32: [z.float32(), "float32", true],
  float64: [z.float64(), "float64", true],
  bigint: [z.bigint(), "int64", false],
  "int64 of Zod": [z.int64(), "int64", false],
  boolean: [z.boolean(), "boolean", false],
  nullable: [text.nullable(), "string?", false],
  optional: [text.optional(), "string?", true],
  nullish: [text.nullish(), "string?", true],
  nonoptional: [z.nonoptional(text.optional()), "string", true],
  default: [text.default("x"), "string", false],
  prefault: [text.prefault("x"), "string", true],
  catch: [text.catch("x"), "string", true],
  readonly: [text.readonly(), "string", false],
  brand: [text.brand("b"), "string", false],
  described: [text.meta({ title: "t" }).describe("d"), "string", false],
  refined: [text.refine((t) => t !== ""), "string", true],
  lazy: [z.lazy(() => z.int()), "int", true],
  pipe: [z.pipe(text, z.transform(Number)).pipe(z.int()), "int", true],
  codec: [z.codec(text, z.int(), { decode: Number, encode: String }), "int", true],
  preprocess: [z.preprocess(String, text), "string", true],
  stringbool: [z.stringbool(), "boolean", true],
  object: [point, "{ x: float64, y?: int }", true],
  "object of plain fields": [z.object({ b: text, a: z.int().optional() }), "{ b: string, a?: int }", false],
  "strict object": [z.strictObject({ a: text }), "{ a: string }", false],
  "optional and null": [z.object({ a: text.nullish() }), "{ a?: string? }", false],
  "defaulted field": [z.object({ a: text.default("") }), "{ a: string }", false],
  "array of objects": [z.array(point), "table<{ x: float64, y?: int }>", true],
  "array of nullable objects": [z.array(point.nullable()), "list<{ x: float64, y?: int }?>", true],
  array: [z.array(text), "list<string>", false],
  "array with a length": [z.array(text).max(3), "list<string>", true],
  tuple: [z.tuple([text, z.int()]), "[string, int]", false],
  union: [z.union([text, z.int()]), "(string | int)", false],
  "union with null": [z.union([text, z.null()]), "string?", false],
  "union of literals": [z.union([z.literal("a"), z.literal("b"), z.undefined()]), "string?", true],
  "union in a union": [
    z.union([z.union([text, z.boolean()]), z.int().nullable()]),
    "(string | boolean | int)?",
    true,
  ],
  "discriminated union": [
    z.discriminatedUnion("t", [z.object({ t: z.literal("a") }), z.object({ t: z.literal("b"), n: z.int() })]),
    "({ t: string } | { t: string, n: int })",
    true,
  ],
  "json of Zod": [z.json(), "json?", true],
  "json of Zod, described": [z.json().meta({ title: "t" }), "json?", true],
  record: [z.record(text, z.number()), "json", true],
  "record of objects": [z.partialRecord(z.enum(["a"]), point), "json", true],
  vector: [ours.vector(3), "vector<float32, 3>", false],
  "vector of any size": [ours.vector(), "vector<float32>", false],
  "vector of doubles": [ours.vector(undefined, { element: "float64" }), "vector<float64>", false],
  range: [ours.range(), "range", false],
  bytes: [ours.bytes(), "bytes", false],
  "our uuid": [ours.uuid(), "uuid", false],
  "our date": [ours.date(), "date", false],
  "our time": [ours.time(), "time", false],
  "our localDateTime": [ours.localDateTime(), "localDateTime", false],
  "our offsetDateTime": [ours.offsetDateTime(), "offsetDateTime", false],
  duration: [ours.duration(), "duration", false],
  "our int64": [ours.int64(), "int64", false],
  "our float32": [ours.float32(), "float32", false],
  json: [ours.json(), "json?", false],
  "keyed table": [
    table(z.object({ id: z.int(), t: text }), { key: ["id"] }),
    "table<{ id: int, t: string }, key: [id]>",
    false,
  ],
  "array of ours": [z.array(ours.bytes()), "list<bytes>", false],
};

describe.each(Object.entries(supported))("%s", (_, [schema, type, needsParse]) => {
  const nullable = type.endsWith("?") ? type : `${type}?`;
  const typeOf = (other: z.ZodType) => formatType(typeOfSchema(other, "test"));

  test("has its type", () => expect(typeOf(schema)).toBe(type));
  test("says whether it must be parsed", () => expect(schemaNeedsParse(schema)).toBe(needsParse));
  test("is refined, described and defaulted without changing it", () => {
    expect(typeOf(schema.refine(() => true))).toBe(type);
    expect(schemaNeedsParse(schema.refine(() => true))).toBe(true);
    expect(typeOf(schema.meta({ title: "t" }).describe("d"))).toBe(type);
    expect(schemaNeedsParse(schema.meta({ title: "t" }))).toBe(needsParse);
  });
  test("takes null when made nullable or optional", () => {
    expect(typeOf(schema.nullable())).toBe(nullable);
    expect(typeOf(z.array(schema.optional()))).toBe(`list<${nullable}>`);
  });
  test("as an optional field may be absent, with a default not", () => {
    expect(typeOf(z.object({ f: schema.nullable().optional() }))).toBe(`{ f?: ${nullable} }`);
    expect(typeOf(z.object({ f: z.prefault(schema.nullable(), null as never) }))).toBe(`{ f: ${nullable} }`);
  });
});

const node: z.ZodType = z.object({
  get children() {
    return z.array(node);
  },
});
const grown: z.ZodType = z.lazy(() => z.object({ next: grown.refine(() => true) }));

const refused: Readonly<Record<string, readonly [z.ZodType, string, RegExp]>> = {
  "iso.duration": [z.iso.duration(), "x.y[]", /duration\(\)/],
  "datetime with or without offset": [
    z.iso.datetime({ local: true, offset: true }),
    "x.y[]",
    /localDateTime\(\)/,
  ],
  uint64: [z.uint64(), "x.y[]", /int64\(\)/],
  date: [z.date(), "x.y[]", /offsetDateTime\(\)/],
  any: [z.any(), "x.y[]", /json\(\)/],
  unknown: [z.unknown(), "x.y[]", /json\(\)/],
  map: [z.map(text, text), "x.y[]", /table/],
  set: [z.set(text), "x.y[]", /array/],
  custom: [z.custom(), "x.y[]", /bytes\(\)/],
  instanceof: [z.instanceof(Uint8Array), "x.y[]", /bytes\(\)/],
  intersection: [z.intersection(point, point), "x.y[]", /Merge/],
  symbol: [z.symbol(), "x.y[]", /string/],
  nan: [z.nan(), "x.y[]", /number/],
  never: [z.never(), "x.y[]", /Leave/],
  promise: [z.promise(text), "x.y[]", /Await/],
  transform: [z.transform(String), "x.y[]", /pipe/],
  "piped transform": [text.transform(Number), "x.y[]", /pipe/],
  null: [z.null(), "x.y[]", /nullable/],
  undefined: [z.undefined(), "x.y[]", /nullable/],
  "loose object": [z.looseObject({}), "x.y[]", /json\(\)/],
  catchall: [z.object({}).catchall(text), "x.y[]", /json\(\)/],
  "tuple with rest": [z.tuple([text], text), "x.y[]", /array/],
  "record of bytes": [z.record(text, ours.bytes()), "x.y[]", /table/],
  "record of numbered keys": [z.record(z.number(), text), "x.y[]", /z\.string/],
  "record of unknown": [z.record(text, z.unknown()), "x.y[].(value)", /json\(\)/],
  recursive: [node, "x.y[].children[]", /json\(\)/],
  "recursive without end": [grown, "x.y[].next", /json\(\)/],
  "in a union": [z.union([text, z.date()]), "x.y[](option 2)", /offsetDateTime\(\)/],
  "literal symbol": [z.union([text, z.symbol()]), "x.y[](option 2)", /string/],
};

test.each(Object.entries(refused))("%s has no type", (_, [schema, place, hint]) => {
  const around = z.object({ x: z.object({ y: z.array(schema) }) });
  const error = errorOf(() => typeOfSchema(around, "output of function embed"));
  expect(error.code).toBe("schema-unsupported");
  expect(error.message.startsWith(`output of function embed, at ${place}`)).toBe(true);
  expect(error.hint).toMatch(hint);
});

test("one schema in several places does not contain itself", () => {
  const type = typeOfSchema(z.object({ a: point, b: point, c: z.array(point) }), "test");
  expect(formatType(type)).toContain("c: table<{ x: float64, y?: int }>");
});

function errorOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (isSluiceError(error)) return error;
  }
  throw new Error("no SluiceError was thrown");
}

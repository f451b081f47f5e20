import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import * as ours from "./schemas.ts";
import { table } from "./table.ts";

const canonical: readonly (readonly [string, z.ZodType, unknown, unknown])[] = [
  ["uuid", ours.uuid(), "123E4567-E89B-12D3-A456-426614174000", "123e4567-e89b-12d3-a456-426614174000"],
  ["date", ours.date(), "2024-02-29", "2024-02-29"],
  ["first date", ours.date(), "0000-01-01", "0000-01-01"],
  ["time", ours.time(), "23:59:59.500000000000", "23:59:59.5"],
  ["time without seconds", ours.time(), "07:05", "07:05:00"],
  ["localDateTime", ours.localDateTime(), "2024-02-29 07:05:00.000", "2024-02-29T07:05:00"],
  ["zero offset", ours.offsetDateTime(), "2024-02-29t07:05:00-00:00", "2024-02-29T07:05:00Z"],
  ["lower-case z", ours.offsetDateTime(), "2024-02-29T07:05:00.10z", "2024-02-29T07:05:00.1Z"],
  ["offset without minutes", ours.offsetDateTime(), "2024-02-29T07:05:00+05", "2024-02-29T07:05:00+05:00"],
  ["offset without colon", ours.offsetDateTime(), "2024-02-29T07:05:00-0530", "2024-02-29T07:05:00-05:30"],
  ["Date", ours.offsetDateTime(), new Date(1), "1970-01-01T00:00:00.001Z"],
  ["weeks and days", ours.duration(), "P1W1D", "PT192H"],
  ["seconds beyond a minute", ours.duration(), "PT3723.50S", "PT1H2M3.5S"],
  ["comma", ours.duration(), "PT0,25S", "PT0.25S"],
  ["negative duration", ours.duration(), "-P1DT0.5S", "-PT24H0.5S"],
  ["negative below a second", ours.duration(), "-PT0.000000001S", "-PT0.000000001S"],
  ["nothing, negative", ours.duration(), "-PT0S", "PT0S"],
  ["float32", ours.float32(), 0.1, Math.fround(0.1)],
  ["float32 too small", ours.float32(), -1e-50, 0],
  ["infinity", ours.float32(), -1 / 0, -1 / 0],
  ["int64", ours.int64(), -(2n ** 63n), -(2n ** 63n)],
  ["range", ours.range(), [-0, 0], [0, 0]],
  ["vector", ours.vector(2), [0.5, -0], Float32Array.of(0.5, 0)],
  ["vector of doubles", ours.vector(2, { element: "float64" }), [0.1, 2], Float64Array.of(0.1, 2)],
  ["bytes", ours.bytes(), Buffer.from("é"), Uint8Array.of(0xc3, 0xa9)],
  ["json", ours.json(), { b: -0, a: undefined, A: [null] }, { A: [null], b: 0 }],
  ["json null", ours.json(), null, null],
];

test.each(canonical)("%s is parsed to its canonical form", (_, schema, given, wanted) => {
  expect(schema.parse(given)).toStrictEqual(wanted);
  expect(schema.parse(wanted)).toStrictEqual(wanted);
  expect(schema.nullable().optional().parse(given)).toStrictEqual(wanted);
  expect(z.object({ f: schema.refine(() => true).meta({ title: "t" }) }).parse({ f: given })).toStrictEqual({
    f: wanted,
  });
});

const rejected: readonly (readonly [string, z.ZodType, unknown, string])[] = [
  ["uuid", ours.uuid(), "123e4567", "expected a UUID like 123e4567-e89b-12d3-a456-426614174000"],
  ["date", ours.date(), "2023-02-29", "there is no date 2023-02-29"],
  ["month", ours.date(), "2023-13-01", "there is no date"],
  ["day 0", ours.date(), "2023-01-00", "there is no date"],
  ["century", ours.date(), "1900-02-29", "there is no date"],
  ["date text", ours.date(), "yesterday", 'expected a date like 2024-02-29, got "yesterday"'],
  ["long year", ours.date(), "+010000-01-01", "expected a date"],
  ["time", ours.time(), "24:00:00", "there is no time 24:00:00"],
  ["leap second", ours.time(), "23:59:60", "there is no time"],
  ["too fine", ours.time(), "23:59:59.0000000001", "finer than a nanosecond"],
  ["offset", ours.localDateTime(), "2024-02-29T07:05:00Z", "has an offset"],
  ["no offset", ours.offsetDateTime(), "2024-02-29T07:05:00", "with an offset like"],
  ["no such offset", ours.offsetDateTime(), "2024-02-29T07:05:00+24:00", "there is no offset +24:00"],
  ["invalid Date", ours.offsetDateTime(), new Date(Number.NaN), "the Date is invalid"],
  ["years", ours.duration(), "P1Y", "years or months, whose length is not fixed"],
  ["months", ours.duration(), "P1M", "years or months, whose length is not fixed"],
  ["nothing", ours.duration(), "P", "expected a duration"],
  ["nothing after T", ours.duration(), "P1DT", "expected a duration"],
  ["too long", ours.duration(), `PT${2 ** 53}S`, "longer than 2^53 seconds"],
  ["int64", ours.int64(), 2n ** 63n, "a bigint of 64 bits"],
  ["number for int64", ours.int64(), 1, "expected a bigint, got number 1"],
  ["float32", ours.float32(), 1e300, "beyond the range"],
  ["range", ours.range(), [2, 1], "starts at 2, after its end 1"],
  ["range of fractions", ours.range(), [0.5, 1], "[0]: expected an integer, got number 0.5"],
  ["dimension", ours.vector(2), [1], "expected a vector of 2 numbers, got 1"],
  ["no numbers", ours.vector(2), [1, "a"], '[1]: expected a number, got the text "a"'],
  ["bytes", ours.bytes(), "text", "expected bytes"],
  [
    "json Date",
    ours.json(),
    { at: new Date(0) },
    "at: expected a JSON value, got a value of class Date; give its toISOString()",
  ],
  ["missing", ours.json(), undefined, "the value is missing"],
];

test.each(rejected)("%s is rejected", (_, schema, given, message) => {
  const { success, error } = schema
    .refine(() => {
      throw new Error("a later check saw it");
    })
    .safeParse(given);
  expect(success).toBe(false);
  expect(error?.issues.map((issue) => issue.message).join()).toContain(message);
});

test("vector() refuses a dimension that is none", () => {
  expect(() => ours.vector(0)).toThrow(expect.objectContaining({ code: "option-invalid" }));
  expect(() => ours.vector(1.5)).toThrow(expect.objectContaining({ code: "option-invalid" }));
});

describe("table()", () => {
  const row = z.object({ id: z.int(), t: z.string() });
  const schema = table(row, { key: ["id"] });

  test("sorts rows by key", () => {
    const rows = [
      { id: 10, t: "" },
      { id: 9, t: "" },
      { id: -1, t: "" },
    ];
    expect(schema.parse(rows).map((r) => r.id)).toEqual([-1, 9, 10]);
  });
  test("rejects two rows of one key", () => {
    const { error } = schema.safeParse([
      { id: 1, t: "a" },
      { id: 2, t: "" },
      { id: 1, t: "b" },
    ]);
    expect(error?.issues[0]?.message).toBe("rows 0 and 2 have the same key {id: 1}");
  });
  test("says what is wrong with a row", () => {
    expect(schema.safeParse([{ id: 1.5, t: "" }]).error?.issues[0]?.path).toEqual([0, "id"]);
  });
  test("refuses keys that cannot be", () => {
    const invalid = expect.objectContaining({ code: "key-invalid" });
    expect(() => table(row, { key: ["nope" as "id"] })).toThrow(invalid);
    expect(() => table(row, { key: ["id", "id"] })).toThrow(invalid);
    expect(() => table(z.object({ v: ours.vector() }), { key: ["v"] })).toThrow(invalid);
    expect(() => table(z.object({ v: z.int().optional() }), { key: ["v"] })).toThrow(invalid);
    expect(() => table(row.nullable() as unknown as typeof row, { key: ["id"] })).toThrow(
      expect.objectContaining({ code: "schema-unsupported" }),
    );
  });
});

test("the types say what goes in and comes out", () => {
  const plain = ours.vector(384);
  const double = ours.vector(3, { element: "float64" });
  expectTypeOf<z.output<typeof plain>>().toEqualTypeOf<Float32Array>();
  expectTypeOf<z.input<typeof plain>>().toEqualTypeOf<Float32Array | readonly number[]>();
  expectTypeOf<z.output<typeof double>>().toEqualTypeOf<Float64Array>();
  const date = ours.date();
  expectTypeOf<z.output<typeof date>>().toEqualTypeOf<ours.IsoDate>();
  expectTypeOf<z.output<typeof date>>().toExtend<string>();
  expectTypeOf<z.input<typeof date>>().toEqualTypeOf<string>();
  expectTypeOf<ours.IsoDate>().not.toExtend<ours.IsoTime>();
  const at = ours.offsetDateTime().nullable();
  expectTypeOf<z.output<typeof at>>().toEqualTypeOf<ours.IsoOffsetDateTime | null>();
  expectTypeOf<z.input<typeof at>>().toEqualTypeOf<string | Date | null>();
  const range = ours.range();
  expectTypeOf<z.output<typeof range>>().toEqualTypeOf<[number, number]>();
  const id = ours.int64();
  expectTypeOf<z.output<typeof id>>().toEqualTypeOf<bigint>();
  const data = ours.bytes();
  expectTypeOf<z.output<typeof data>>().toEqualTypeOf<Uint8Array>();
  const any = ours.json();
  expectTypeOf<z.output<typeof any>>().toEqualTypeOf<ours.JsonValue>();
  const rows = table(z.object({ id: z.int(), note: z.string().optional() }), { key: ["id"] });
  expectTypeOf<z.output<typeof rows>>().toEqualTypeOf<{ id: number; note?: string | undefined }[]>();
  // @ts-expect-error no such field
  expect(() => table(z.object({ id: z.int() }), { key: ["nope"] })).toThrow();
  // @ts-expect-error a key has a field
  expect(() => table(z.object({ id: z.int() }), { key: [] })).toThrow();
});

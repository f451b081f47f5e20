import { describe, expect, test } from "vitest";
import { z } from "zod";
import { bytesToHex, hexToBytes } from "../kernel/bytes.ts";
import * as ours from "./schemas.ts";
import { table } from "./table.ts";
import { typeOfSchema } from "./type-of-schema.ts";
import { valueCodec } from "./value-codec.ts";

const codecOf = (schema: z.ZodType) => valueCodec(typeOfSchema(schema, "test"));
const hex = (schema: z.ZodType, value: unknown) => bytesToHex(codecOf(schema).encode(value));
const row = z.object({ b: z.string(), a: z.int().optional(), c: z.boolean().nullable() });

/** Stored values and fingerprints rest on these bytes: a change here is a new version of the store's format. */
const golden: readonly (readonly [z.ZodType, unknown, string])[] = [
  [z.string(), "aé", "0361c3a9"],
  [z.string(), "", "00"],
  [z.string(), "\0😀", "0500f09f9880"],
  [z.string(), `\ufeff${"x".repeat(130)}`, `8501efbbbf${"78".repeat(130)}`],
  [z.string(), "é".repeat(100), `c801${"c3a9".repeat(100)}`],
  [z.boolean(), true, "01"],
  [z.int(), 0, "00"],
  [z.int(), -1, "40"],
  [z.int(), 63, "3f"],
  [z.int(), 64, "8001"],
  [z.int(), Number.MAX_SAFE_INTEGER, "bfffffffffffff1f"],
  [z.int(), Number.MIN_SAFE_INTEGER, "feffffffffffff1f"],
  [z.bigint(), -2n, "feffffffffffffff"],
  [z.number(), 1.5, "000000000000f83f"],
  [z.number(), Number.NaN, "000000000000f87f"],
  [ours.float32(), 1.5, "0000c03f"],
  [ours.range(), [1, 200], "018803"],
  [ours.bytes(), Uint8Array.of(1, 2), "020102"],
  [ours.uuid(), "123e4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000"],
  [ours.date(), "0001-01-01", "00016e"],
  [ours.time(), "00:00:01", "00003b9aca00"],
  [ours.localDateTime(), "0000-01-02T00:00:01", "00000100003b9aca00"],
  [ours.offsetDateTime(), "0000-01-01T00:00:00+01:00", "0000004b4e6096600005dc"],
  [ours.duration(), "PT1S", "4000000000000100000000"],
  [ours.vector(2), Float32Array.of(1, -0), "020000803f00000000"],
  [z.string().nullable(), null, "00"],
  [z.string().nullable(), "a", "010161"],
  [z.array(z.int()), [1, 2], "020102"],
  [z.tuple([z.int(), z.boolean()]), [1, true], "0101"],
  [row, { b: "x", c: null }, "00017800"],
  [row, { a: 1, b: "x", c: true }, "010101780101"],
  [z.array(row), [{ b: "x", c: null }], "0100017800"],
  [z.object({}), {}, "00"],
  [ours.json(), { b: [1.5, "t"], a: null }, "010b02016100" + "01620a0204000000000000f83f050174"],
  [z.union([z.string(), ours.bytes()]), Uint8Array.of(9), "070109"],
];

test.each(golden)("%# has always the same bytes", (schema, value, bytes) => {
  expect(hex(schema, value)).toBe(bytes);
  expect(hex(schema, codecOf(schema).decode(hexToBytes(bytes)))).toBe(bytes);
});

const equal: readonly (readonly [z.ZodType, unknown, unknown])[] = [
  [z.number(), 0, -0],
  [z.int(), 0, -0],
  [ours.vector(), Float32Array.of(0), Float32Array.of(-0)],
  [ours.vector(), new Float32Array(Uint32Array.of(0x7fc00001).buffer), Float32Array.of(Number.NaN)],
  [ours.vector(1, { element: "float64" }), Float64Array.of(0), Float64Array.of(-0)],
  [z.number(), Number.NaN, new Float64Array(BigUint64Array.of(0xfff8000000000001n).buffer)[0]],
  [row, { b: "x", c: null }, { c: undefined, a: undefined, b: "x" }],
  [ours.json(), { a: 1, b: { c: 2, d: -0 } }, { b: { d: 0, c: 2, e: undefined }, a: 1 }],
  [z.union([z.string(), row]), { b: "x", c: null }, { c: null, b: "x" }],
  [ours.offsetDateTime(), "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000+00:00"],
  [
    table(row, { key: ["b"] }),
    [
      { b: "x", c: null },
      { b: "y", c: null },
    ],
    [
      { b: "y", c: null },
      { b: "x", c: null },
    ],
  ],
];

test.each(equal)("%# is equal and has equal bytes", (schema, a, b) =>
  expect(hex(schema, a)).toBe(hex(schema, b)),
);

const different: readonly (readonly [z.ZodType, unknown, unknown])[] = [
  [z.object({ a: z.string().nullish() }), {}, { a: null }],
  [
    z.array(row),
    [
      { b: "x", c: null },
      { b: "y", c: null },
    ],
    [
      { b: "y", c: null },
      { b: "x", c: null },
    ],
  ],
  [ours.offsetDateTime(), "2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00"],
  [z.union([z.string(), z.int()]), "1", 1],
  [z.union([z.int(), z.bigint()]), 1n, 1],
  [ours.json(), [], {}],
  [ours.json(), 1, 1.5],
];

test.each(different)("%# differs and has different bytes", (schema, a, b) =>
  expect(hex(schema, a)).not.toBe(hex(schema, b)),
);

test("very long texts come back", () => {
  const { encode, decode } = codecOf(z.string());
  for (const text of ["x".repeat(1 << 20), "é".repeat(1 << 20), "😀".repeat(1 << 18), "\0".repeat(1 << 20)]) {
    expect(decode(encode(text)) === text).toBe(true);
  }
});

test("decoded values share no memory with the bytes, wherever they lie", () => {
  const codec = codecOf(z.object({ a: z.string(), v: ours.vector(), z: ours.bytes() }));
  const value = { a: "x", v: Float32Array.of(1, 2), z: Uint8Array.of(7) };
  const shifted = Buffer.concat([Buffer.of(0), codec.encode(value)]).subarray(1);
  const decoded = codec.decode(shifted);
  shifted.fill(0xff);
  expect(decoded).toStrictEqual(value);
});

test("encoded values share no memory with each other", () => {
  const { encode } = codecOf(z.string());
  const first = encode("first");
  encode("other");
  expect(bytesToHex(first)).toBe("056669727374");
  expect(first.buffer.byteLength).toBe(6);
});

test("an encoding within an encoding is no trouble, and neither is one that failed", () => {
  const { encode } = codecOf(z.object({ a: z.string(), b: z.string() }));
  const nested = {
    a: "a",
    get b() {
      return bytesToHex(encode({ a: "x", b: "y" }));
    },
  };
  expect(bytesToHex(encode(nested))).toBe(bytesToHex(encode({ a: "a", b: "01780179" })));
  expect(() => encode({ a: "long enough to be left over", b: 1 })).toThrow();
  expect(bytesToHex(encode({ a: "x", b: "y" }))).toBe("01780179");
});

const unfit: readonly (readonly [z.ZodType, unknown])[] = [
  [z.string(), 1],
  [z.string(), "\ud800"],
  [z.string(), `${"x".repeat(50)}\udc00`],
  [z.int(), 0.5],
  [z.bigint(), 2n ** 63n],
  [ours.range(), [2, 1]],
  [ours.vector(2), Float32Array.of(1)],
  [ours.vector(), [1]],
  [ours.json(), { a: Number.NaN }],
  [ours.date(), "2023-02-30"],
  [ours.bytes(), "x"],
  [row, null],
  [row, "text"],
  [z.array(z.int()), 1],
  [z.tuple([z.int()]), [1, 2]],
  [z.union([z.string(), z.int()]), null],
  [z.record(z.string(), z.int()), null],
  [ours.date(), 1],
  [z.array(row), 1],
  [
    table(row, { key: ["b"] }),
    [
      { b: "x", c: null },
      { b: "x", c: true },
    ],
  ],
  [table(row, { key: ["b"] }), 1],
];

test.each(unfit)("%# does not fit and is not encoded", (schema, value) => {
  expect(() => codecOf(schema).encode(value)).toThrow(expect.objectContaining({ code: "value-invalid" }));
});

describe("damaged bytes are told", () => {
  const damaged: readonly (readonly [string, z.ZodType, string])[] = [
    ["huge length of a text", z.string(), "ffffffffffffff0f61"],
    ["huge count of a list", z.array(z.object({})), "ffffffffffffff0f"],
    ["huge count of a vector", ours.vector(), "ffffffffffffff0f"],
    ["endless number", z.array(z.int()), "ff".repeat(20)],
    ["number longer than needed", z.string(), "8000"],
    ["integer longer than needed", z.int(), "8000"],
    ["integer beyond the safe ones", z.int(), "ffffffffffffffff7f"],
    ["flag of 2", z.boolean(), "02"],
    ["not UTF-8", z.string(), "01ff"],
    ["half a surrogate pair", z.string(), "03eda080"],
    ["no such date", ours.date(), "ffffff"],
    ["no such time", ours.time(), "ffffffffffff"],
    ["no such offset", ours.offsetDateTime(), "00016f0000000000000b40"],
    ["local date below 0000", ours.offsetDateTime(), "0000000000000000000000"],
    ["range from its end", ours.range(), "0201"],
    ["other dimension", ours.vector(2), "010000803f"],
    ["negative zero", z.number(), "0000000000000080"],
    ["integer as a float in JSON", ours.json(), "0104000000000000f03f"],
    ["NaN in JSON", ours.json(), "0104000000000000f87f"],
    ["bytes in JSON", ours.json(), "010700"],
    ["null where JSON is never null", z.record(z.string(), z.int()), "00"],
    ["unordered names", ours.json(), "010b0201620001610000".slice(0, 18)],
    ["doubled names", ours.json(), "010b02016100016100"],
    ["unknown kind", ours.json(), "010c"],
    ["nested without end", ours.json(), `01${"0a01".repeat(100_000)}`],
    ["option of no union", z.union([z.string(), z.int()]), "01"],
    ["unordered rows", table(z.object({ k: z.int() }), { key: ["k"] }), "020201"],
    ["doubled rows", table(z.object({ k: z.int() }), { key: ["k"] }), "020101"],
    ["filler", z.object({}), "01"],
    ["more than the value", z.boolean(), "0101"],
    ["nothing", z.boolean(), ""],
  ];
  test.each(damaged)("%s", (_, schema, bytes) => {
    expect(() => codecOf(schema).decode(hexToBytes(bytes))).toThrow(
      expect.objectContaining({ code: "store-damaged" }),
    );
  });
});

describe("a vector of float32", () => {
  /** As its numbers are written one by one. */
  function byNumbers(numbers: ArrayLike<number>): string {
    const bytes = Buffer.alloc(1 + numbers.length * 4);
    bytes[0] = numbers.length;
    for (let i = 0; i < numbers.length; i++) {
      if (Number.isNaN(numbers[i])) bytes.writeUInt32LE(0x7fc00000, 1 + i * 4);
      else bytes.writeFloatLE(numbers[i]! + 0, 1 + i * 4);
    }
    return bytes.toString("hex");
  }

  const odd = { "−0": 0x80000000, "a NaN": 0x7fc00001, "a negative NaN": 0xff800001, "−∞": 0xff800000 };

  test.each(Object.entries(odd))("has its one form, wherever %s stands in it", (_name, bits) => {
    const codec = codecOf(ours.vector());
    const number = new Float32Array(Uint32Array.of(bits).buffer)[0]!;
    for (let length = 0; length < 10; length++) {
      // Not at the beginning of its memory, as a view may be.
      const plain = Float32Array.from({ length: length + 1 }, (_, i) => (i - 4) / 3).subarray(1);
      expect(hex(ours.vector(), plain)).toBe(byNumbers(plain));
      for (let at = 0; at < length; at++) {
        const vector = plain.slice();
        new Uint32Array(vector.buffer)[at] = bits;
        const encoded = codec.encode(vector);
        expect(bytesToHex(encoded)).toBe(byNumbers(vector));
        const decoded = codec.decode(encoded) as Float32Array;
        expect(decoded).toEqual(vector.map((x) => x + 0));
        expect(decoded[at]).toBe(number + 0);
      }
    }
  });
});

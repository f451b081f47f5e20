import { describe, expect, test } from "vitest";
import { bytesToHex, compareBytes, hexToBytes } from "../kernel/bytes.ts";
import { keyCodec } from "./key-codec.ts";
import type { ScalarKind, ValueType } from "./value-type.ts";

const of = (kind: ScalarKind, nullable = false): ValueType => ({ kind, nullable });
const struct = (...names: string[]): ValueType => ({
  kind: "struct",
  nullable: false,
  fields: names.map((name) => ({ name, type: of("string"), optional: false })),
});

/** Keys in their documented order. */
const ordered: readonly (readonly [ValueType, readonly unknown[]])[] = [
  [of("boolean", true), [null, false, true]],
  [
    of("string"),
    ["", "\0", "\0\0", "\0a", "\x01", "\x02", "a", "a\0", "a\x01", "aa", "b", "é", "\uffff", "😀"],
  ],
  [of("bytes"), [[], [0], [0, 0], [0, 1], [1], [1, 0], [2], [255]].map((bytes) => Uint8Array.from(bytes))],
  [of("int"), [-(2 ** 53) + 1, -(2 ** 32) - 1, -(2 ** 32), -1, 0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]],
  [of("int64"), [-(2n ** 63n), -1n, 0n, 1n, 2n ** 63n - 1n]],
  [of("float64"), [-1 / 0, -1e300, -1, -5e-324, 0, 5e-324, 0.1, 1, 1e300, 1 / 0, Number.NaN]],
  [of("float32"), [-1 / 0, -1, 0, Math.fround(0.1), 1, 1 / 0, Number.NaN]],
  [
    of("range"),
    [
      [-1, 5],
      [0, 0],
      [0, 1],
      [1, 1],
    ],
  ],
  [of("date"), ["0000-01-01", "0000-12-31", "1999-12-31", "2000-01-01", "9999-12-31"]],
  [of("time"), ["00:00:00", "00:00:00.000000001", "09:59:59.9", "10:00:00", "23:59:59.999999999"]],
  [
    of("offsetDateTime"),
    [
      "0000-01-01T00:00:00+23:59",
      "2024-01-01T00:00:00Z",
      "2024-01-01T02:00:00+01:00",
      "2024-01-01T00:30:00-01:00",
      "2024-01-01T01:30:00Z",
      "2024-01-01T02:30:00+01:00",
      "9999-12-31T23:59:59-23:59",
    ],
  ],
  [of("duration"), ["-PT2S", "-PT1.5S", "-PT1S", "-PT0.5S", "PT0S", "PT0.5S", "PT1S", "PT1M", "PT1H"]],
  [
    struct("b", "a"),
    [
      { b: "", a: "z" },
      { b: "a", a: "" },
      { a: "a", b: "a" },
      { b: "a\0", a: "" },
      { b: "b", a: "" },
    ],
  ],
  [
    { kind: "tuple", nullable: true, items: [of("string", true), of("int")] },
    [null, [null, 9], ["", -1], ["", 0], ["a", -1], ["a\0", -2], ["b", -3]],
  ],
];

describe.each(ordered)("%# keys", (type, keys) => {
  const { encode, decode } = keyCodec(type);
  test("sort by their bytes", () => {
    for (const [i, key] of keys.entries()) {
      for (const [j, other] of keys.entries()) {
        expect(Math.sign(compareBytes(encode(key), encode(other)))).toBe(Math.sign(i - j));
      }
    }
  });
  test("come back", () => {
    for (const key of keys) expect(decode(encode(key))).toStrictEqual(key);
  });
});

/** Keys of a store rest on these bytes. */
const golden: readonly (readonly [ValueType, unknown, string])[] = [
  [of("string"), "a\0\x01é", "6101010102c3a900"],
  [of("string", true), null, "00"],
  [of("int"), -1, "3fffffffffffff"],
  [of("int64"), 1n, "8000000000000001"],
  [of("float64"), -0, "8000000000000000"],
  [of("float64"), Number.NaN, "ffffffffffffffff"],
  [of("float32"), -1, "407fffff"],
  [struct("b", "a"), { a: "x", b: "y" }, "79007800"],
];

test.each(golden)("%# has always the same bytes", (type, key, bytes) => {
  expect(bytesToHex(keyCodec(type).encode(key))).toBe(bytes);
});

const unfit: readonly (readonly [ValueType, unknown])[] = [
  [of("string"), 1],
  [of("string"), "\ud800"],
  [of("string"), null],
  [of("bytes"), "x"],
  [of("int"), 0.5],
  [of("int64"), 1],
  [of("int64"), 2n ** 63n],
  [of("float64"), "1"],
  [of("float32"), 1e300],
  [of("range"), [2, 1]],
  [of("range"), 1],
  [of("boolean"), 0],
  [of("date"), "x"],
  [of("date"), 1],
  [struct("a"), {}],
  [struct("a"), "x"],
  [{ kind: "tuple", items: [of("int")], nullable: false }, [1, 2]],
];

test.each(unfit)("%# does not fit and is not encoded", (type, key) => {
  expect(() => keyCodec(type).encode(key)).toThrow(expect.objectContaining({ code: "value-invalid" }));
});

const damaged: readonly (readonly [ValueType, string])[] = [
  [of("string"), "61"],
  [of("string"), "6100ff"],
  [of("string"), "ff00"],
  [of("string"), "010300"],
  [of("string"), "0100"],
  [of("int"), "ffffffffffffff"],
  [of("float64"), "7fffffffffffffff"],
  [of("float32"), "fffffffe"],
  [of("boolean"), "02"],
  [of("boolean", true), "0201"],
  [of("range"), "4000000000000140000000000000"],
  [of("duration"), "4000000000000040000000"],
  [of("duration"), "40000000000000ffffffff"],
];

test.each(damaged)("%# is damaged", (type, bytes) => {
  expect(() => keyCodec(type).decode(hexToBytes(bytes))).toThrow(
    expect.objectContaining({ code: "store-damaged" }),
  );
});

test("a type without keys is refused with the place", () => {
  const type: ValueType = {
    kind: "struct",
    nullable: false,
    fields: [{ name: "v", type: of("json"), optional: false }],
  };
  expect(() => keyCodec(type)).toThrow("{ v: json } cannot be a key: field v: a json cannot be a key.");
  const optional: ValueType = {
    kind: "struct",
    nullable: false,
    fields: [{ name: "v", type: of("int"), optional: true }],
  };
  expect(() => keyCodec(optional)).toThrow("field v is optional");
  expect(() => keyCodec(struct())).toThrow("a key needs at least one field");
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  bytes,
  date,
  duration,
  int64,
  localDateTime,
  normalizer,
  offsetDateTime,
  range,
  typeOfSchema,
  vector,
} from "../../values/index.ts";
import { fromCellText, toCellText } from "./cell-text.ts";

const cellOf = (schema: z.ZodType, isKey = false) => ({
  name: "field",
  type: typeOfSchema(schema, "test"),
  isKey,
  optional: false,
});

/** What a value is after it was written as text and read again, as the engine takes it. */
function roundTrip(schema: z.ZodType, value: unknown): unknown {
  const cell = cellOf(schema);
  const normalize = normalizer(cell.type);
  return normalize(fromCellText(cell, toCellText(cell, normalize(value))));
}

describe("values in the text of Postgres", () => {
  it("of unions and of what holds them come back as what they were", () => {
    const leaf = z.union([z.string(), z.number(), int64(), bytes(), z.boolean(), vector(2)]);
    const schema = z.object({ one: leaf, many: z.array(leaf.nullable()) });
    const text = fc.string({ unit: "grapheme" }).filter((given) => !given.includes("\0"));
    const value = fc.oneof(
      text,
      fc.double(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.uint8Array(),
      fc.boolean(),
      fc.float32Array({ minLength: 2, maxLength: 2 }),
    );
    fc.assert(
      fc.property(value, fc.array(fc.option(value)), (one, many) => {
        const normalize = normalizer(typeOfSchema(schema, "test"));
        expect(roundTrip(schema, { one, many })).toEqual(normalize({ one, many }));
      }),
    );
  });

  it("of structs whose only field is called as the marks that stand for other types come back", () => {
    const schema = z.union([
      bytes(),
      int64(),
      z.object({ $bytes: z.string() }),
      z.object({ $plain: z.string() }),
    ]);
    for (const value of [{ $bytes: "AA==" }, { $plain: "x" }, 5n, Uint8Array.of(1)])
      expect(roundTrip(schema, value)).toEqual(value);
  });

  it("of numbers that JSON has no form for come back from lists and vectors", () => {
    const numbers = [Number.NaN, 1 / 0, -1 / 0, 5e-324, 0.1];
    expect(roundTrip(z.array(z.number()), numbers)).toEqual(numbers);
    const wide = vector(5, { element: "float64" });
    expect(roundTrip(wide, numbers)).toEqual(Float64Array.from(numbers));
  });

  it("of times read as Postgres prints them", () => {
    const printed: readonly [z.ZodType, string, string][] = [
      [date(), "0001-02-29 BC", "0000-02-29"],
      [date(), "0001-02-28", "0001-02-28"],
      [localDateTime(), "0001-01-01 00:00:00.5 BC", "0000-01-01T00:00:00.5"],
      [offsetDateTime(), "2024-02-29 22:59:59.5+00", "2024-02-29T22:59:59.5Z"],
      [duration(), "PT-26H-3M-4.5S", "-PT26H3M4.5S"],
      [duration(), "PT0S", "PT0S"],
      [range(), "{-5,7}", ""],
    ];
    for (const [schema, text, value] of printed) {
      const cell = cellOf(schema);
      const given = normalizer(cell.type)(fromCellText(cell, text));
      expect(given).toEqual(value === "" ? [-5, 7] : value);
    }
    expect(toCellText(cellOf(duration()), "-PT26H3M4.5S")).toBe("PT-26H-3M-4.5S");
    expect(toCellText(cellOf(localDateTime()), "0000-01-01T00:00:00")).toBe("0001-01-01 00:00:00 BC");
  });

  it("has no U+0000, in text and within JSON, unless it is a key's, which is refused", () => {
    expect(toCellText(cellOf(z.string()), "a\0b")).toBe("ab");
    const struct = z.object({ text: z.string(), list: z.array(z.string()) });
    expect(toCellText(cellOf(struct), { text: "a\0b\\u0000", list: ["\0"] })).toBe(
      '{"text":"ab\\\\u0000","list":[""]}',
    );
    expect(() => toCellText(cellOf(z.string(), true), "a\0b")).toThrowError("U+0000");
  });

  it("of keys is not rounded: two could come to be one", () => {
    expect(() => toCellText(cellOf(localDateTime(), true), "2024-01-01T00:00:00.0000001")).toThrowError(
      "finer",
    );
    expect(toCellText(cellOf(localDateTime()), "2024-01-01T00:00:00.0000001")).toContain(".0000001");
  });
});

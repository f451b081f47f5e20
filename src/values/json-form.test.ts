import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyType, drawn } from "./arbitrary-value.test.ts";
import { fromJsonForm, toJsonForm } from "./json-form.ts";
import { normalizer } from "./normalize.ts";
import { valueCodec } from "./value-codec.ts";

describe("the JSON form of a value", () => {
  test("goes through JSON text and gives back any value of any type", () => {
    const typeAndValue = anyType.chain((type) => drawn(type).map((value) => ({ type, value })));
    fc.assert(
      fc.property(typeAndValue, ({ type, value }) => {
        const canonical = normalizer(type)(value);
        const back = fromJsonForm(type, JSON.parse(JSON.stringify(toJsonForm(type, canonical))));
        const { encode } = valueCodec(type);
        expect(encode(back)).toEqual(encode(canonical));
      }),
      { numRuns: 1000 },
    );
  });

  test("marks what a union holds and JSON has no form for, and only that", () => {
    const type = { kind: "union", options: [], nullable: false } as const;
    expect(toJsonForm(type, 5n)).toEqual({ $int64: "5" });
    expect(toJsonForm(type, Uint8Array.of(0))).toEqual({ $bytes: "AA==" });
    expect(toJsonForm(type, Number.NaN)).toEqual({ $number: "NaN" });
    expect(toJsonForm(type, Float32Array.of(0.5, Number.NaN))).toEqual({ $float32: [0.5, "NaN"] });
    expect(toJsonForm(type, { a: "5" })).toEqual({ a: "5" });
    expect(fromJsonForm(type, toJsonForm(type, { $int64: "5" }))).toEqual({ $int64: "5" });
  });
});

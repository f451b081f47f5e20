import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareBytes } from "../kernel/bytes.ts";
import { anyType, damageOf, drawn } from "./arbitrary-value.test.ts";
import { normalizer } from "./normalize.ts";
import { valueCodec } from "./value-codec.ts";
import type { ValueType } from "./value-type.ts";

const typeAndValue = anyType.chain((type) => drawn(type).map((value) => ({ type, value })));
const runs = { numRuns: 1500 };

describe("any value of any type", () => {
  test("comes back from its bytes in its canonical form", () => {
    fc.assert(
      fc.property(typeAndValue, ({ type, value }) => {
        const { encode, decode } = valueCodec(type);
        const canonical = normalizer(type)(value);
        expect(decode(encode(value))).toStrictEqual(canonical);
        expect(JSON.stringify(shown(decode(encode(value))))).toBe(JSON.stringify(shown(canonical)));
        expect(compareBytes(encode(canonical), encode(value))).toBe(0);
      }),
      runs,
    );
  });

  test("is normalised once: what is canonical comes back as the same object", () => {
    fc.assert(
      fc.property(typeAndValue, ({ type, value }) => {
        const normalize = normalizer(type);
        const canonical = normalize(value);
        expect(Object.is(normalize(canonical), canonical)).toBe(true);
        expect(normalize(canonical)).toStrictEqual(canonical);
      }),
      runs,
    );
  });

  test("has the bytes of another if and only if both are equal", () => {
    const pairs = anyType.chain((type) =>
      fc.record({ type: fc.constant(type), a: drawn(type), b: drawn(type) }),
    );
    let equal = 0;
    fc.assert(
      fc.property(pairs, ({ type, a, b }) => {
        const { encode } = valueCodec(type);
        const normalize = normalizer(type);
        const same = shownText(normalize(a)) === shownText(normalize(b));
        if (same) equal++;
        expect(compareBytes(encode(a), encode(b)) === 0).toBe(same);
      }),
      runs,
    );
    expect(equal).toBeGreaterThan(20);
  });

  test("cut short, followed by more or with a bit flipped, is damaged or a value of the type", () => {
    const broken = typeAndValue.chain(({ type, value }) =>
      fc.record({ type: fc.constant(type), value: fc.constant(value), at: fc.nat(), bit: fc.nat(7) }),
    );
    fc.assert(
      fc.property(broken, ({ type, value, at, bit }) => {
        const { encode, decode } = valueCodec(type);
        const bytes = encode(value);
        expect(damageOf(() => decode(bytes.subarray(0, at % bytes.length)))).toBe("store-damaged");
        expect(damageOf(() => decode(Uint8Array.of(...bytes, 0)))).toBe("store-damaged");
        bytes[at % bytes.length]! ^= 1 << bit;
        expectFitOrDamaged(type, bytes);
      }),
      runs,
    );
  });

  test("made of random bytes is damaged or a value of the type", () => {
    fc.assert(
      fc.property(anyType, fc.uint8Array({ maxLength: 60 }), (type, bytes) =>
        expectFitOrDamaged(type, bytes),
      ),
      { numRuns: 4000 },
    );
  });
});

function expectFitOrDamaged(type: ValueType, bytes: Uint8Array): void {
  let value: unknown;
  const damage = damageOf(() => {
    value = valueCodec(type).decode(bytes);
  });
  if (damage === null) normalizer(type)(value);
  else expect(damage).toBe("store-damaged");
}

/** A value with everything told apart that JSON does not. */
function shown(value: unknown): unknown {
  if (typeof value === "bigint") return { bigint: String(value) };
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : { number: String(value) };
  if (ArrayBuffer.isView(value))
    return { view: value.constructor.name, numbers: Array.from(value as Float64Array, String) };
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return { members: Object.entries(value).map(([name, member]) => [name, shown(member)]) };
}

const shownText = (value: unknown) => JSON.stringify(shown(value));

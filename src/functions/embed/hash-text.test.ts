import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashText } from "./hash-text.ts";

const near = (a: string, b: string) => {
  const [x, y] = [hashText(a, 512), hashText(b, 512)];
  return x.reduce((sum, number, i) => sum + number * y[i]!, 0);
};

describe("a hashed text", () => {
  test("is the same on every platform", () => {
    expect([...hashText("The quick brown fox; 東京タワー", 8)].map((number) => number.toFixed(4))).toEqual([
      "0.5774",
      "0.2887",
      "-0.2887",
      "0.2887",
      "0.0000",
      "-0.5774",
      "0.0000",
      "0.2887",
    ]);
  });

  test("is a vector of length 1, of the dimension, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 600 }), (text, dimension) => {
        const vector = hashText(text, dimension);
        expect(vector).toHaveLength(dimension);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
        expect(hashText(text, dimension)).toEqual(vector);
      }),
    );
  });

  test("is near to texts with the same words, in whatever order, case and form of their letters", () => {
    expect(near("a café in Paris", "PARIS: a cafe\u0301, in")).toBeCloseTo(1, 5);
    expect(near("ｆｕｌｌ width", "full width")).toBeCloseTo(1, 5);
  });

  test("is nearer to texts with words, or parts of words, in common", () => {
    const text = "the limits of a function bound its calls";
    expect(near(text, "what bounds the calls of functions")).toBeGreaterThan(0.5);
    expect(near(text, "targets have backends that setup makes")).toBeLessThan(0.25);
    expect(near("東京タワーの高さ", "東京タワー")).toBeGreaterThan(0.4);
    expect(near("東京タワーの高さ", "大阪城の歴史")).toBeLessThan(0.3);
  });

  test("has little of others by chance", () => {
    // Words of other letters each, so that no part of one is in another.
    const word = (i: number) =>
      String.fromCodePoint(...[0, 1, 2, 3].map((letter) => 0x1400 + 4 * i + letter));
    const words = (from: number) => [0, 1, 2, 3, 4].map((i) => word(from + i)).join(" ");
    const chance = Array.from({ length: 12 }, (_, i) => Math.abs(near(words(10 * i), words(10 * i + 5))));
    expect(Math.max(...chance)).toBeLessThan(0.3);
  });
});

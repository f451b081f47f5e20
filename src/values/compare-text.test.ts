import fc from "fast-check";
import { expect, test } from "vitest";
import { compareText } from "./compare-text.ts";

test("is the order of UTF-8", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 4 }),
    fc.constantFrom("\ud7ff", "\ue000", "\uffff", "😀", "a😀", "a\uffff"),
  );
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 3000 },
  );
});

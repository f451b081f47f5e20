import fc from "fast-check";
import { expect, test } from "vitest";
import { fingerprint } from "../values/index.ts";
import { type Expected, ExpectedRows } from "./verify-expected.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const one = fingerprint("one");
const two = fingerprint("two");

function rowsOf(expected: Readonly<Record<string, Expected>>): ExpectedRows {
  const rows = new ExpectedRows();
  for (const [key, value] of Object.entries(expected)) rows.expect(bytes(key), value);
  return rows;
}

test("a row is right, different, there again, pending or extra", () => {
  const rows = rowsOf({ a: one, b: one, c: "in doubt", d: "outdated", e: one });
  expect(rows.see(bytes("a"), one)).toBe("right");
  expect(rows.see(bytes("b"), two)).toBe("different");
  expect(rows.see(bytes("b"), one)).toBe("again");
  expect(rows.see(bytes("a"), one)).toBe("again");
  expect(rows.see(bytes("c"), null)).toBe("pending");
  expect(rows.see(bytes("d"), one)).toBe("pending");
  expect(rows.see(bytes("x"), one)).toBe("extra");
  const standings = ["a", "b", "c", "d", "e", "x"].map((key) => rows.standing(bytes(key)));
  expect(standings).toEqual(["different", "different", "pending", "pending", "missing", "extra"]);
  expect(rows.counts()).toEqual({ expected: 5, missing: 1, different: 2, pending: 2 });
  expect(["a", "c", "d", "e", "x"].map((key) => rows.isRepairable(bytes(key)))).toEqual([
    true,
    true,
    false,
    true,
    false,
  ]);
  expect(rows.repairable()).toBe(4);
});

test("a value that no export could have written is different", () => {
  const rows = rowsOf({ a: one });
  expect(rows.see(bytes("a"), null)).toBe("different");
});

test("a key that is expected in two ways is in doubt, and stays outdated once it is", () => {
  const rows = rowsOf({ a: one, b: one, c: "outdated" });
  rows.expect(bytes("a"), one);
  rows.expect(bytes("b"), two);
  rows.expect(bytes("c"), one);
  rows.expect(bytes("c"), "in doubt");
  expect(["a", "b", "c"].map((key) => rows.standing(bytes(key)))).toEqual(["missing", "pending", "pending"]);
  expect(["a", "b", "c"].map((key) => rows.isRepairable(bytes(key)))).toEqual([true, true, false]);
});

test("sights are forgotten, what is expected is not", () => {
  const rows = rowsOf({ a: one, b: two, c: "in doubt", d: "outdated" });
  for (const key of ["a", "b", "c", "d"]) rows.see(bytes(key), one);
  rows.forgetSights();
  expect(rows.counts()).toEqual({ expected: 4, missing: 2, different: 0, pending: 2 });
  expect(rows.repairable()).toBe(3);
  expect(rows.see(bytes("a"), one)).toBe("right");
});

test("finds what a comparison of two maps finds", () => {
  const side = fc.dictionary(fc.string({ maxLength: 2 }), fc.integer({ min: 0, max: 2 }));
  fc.assert(
    fc.property(side, side, (expected, found) => {
      const values = (from: Readonly<Record<string, number>>) =>
        new Map(Object.entries(from).map(([key, value]) => [key, fingerprint(String(value))]));
      const [want, have] = [values(expected), values(found)];
      const rows = rowsOf(Object.fromEntries(want));
      const extra = [...have].filter(([key, value]) => rows.see(bytes(key), value) === "extra");
      const missing = [...want.keys()].filter((key) => !have.has(key));
      const different = [...want].filter(([key, value]) => have.has(key) && have.get(key) !== value);
      expect(extra).toHaveLength([...have.keys()].filter((key) => !want.has(key)).length);
      expect(rows.counts()).toEqual({
        expected: want.size,
        missing: missing.length,
        different: different.length,
        pending: 0,
      });
    }),
  );
});

test("costs at most 50 bytes a row", () => {
  const count = 200_000;
  const rows = new ExpectedRows();
  for (let i = 0; i < count; i++) rows.expect(bytes(`key ${i}`), one);
  expect(rows.counts().expected).toBe(count);
  expect(rows.allocatedBytes / count).toBeLessThanOrEqual(50);
});

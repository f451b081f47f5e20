import { expect, test } from "vitest";
import { closestName } from "./closest-name.ts";
import { sameData } from "./same-data.ts";

test("equal data is the same, whatever the order of members", () => {
  const make = () => ({
    a: [1, "x", null, { b: 2n }],
    v: new Float32Array([1, Number.NaN]),
    bytes: new Uint8Array([1]),
  });
  expect(sameData(make(), make())).toBe(true);
  expect(sameData({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
});

test("other data is not", () => {
  const pairs: [unknown, unknown][] = [
    [{ a: 1 }, { a: 1, b: undefined }],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], { 0: 1, length: 1 }],
    [new Float32Array(2), new Float64Array(2)],
    [1, 1n],
    ["1", 1],
    [null, {}],
    [() => 1, () => 1],
    [new Map(), new Map()],
    [new Date(0), new Date(0)],
  ];
  for (const [a, b] of pairs) expect(sameData(a, b)).toBe(false);
});

test("the closest name is near, or there is none", () => {
  expect(closestName("contnet", ["filename", "content"])).toBe("content");
  expect(closestName("Content", ["content"])).toBe("content");
  expect(closestName("body", ["filename", "content"])).toBeNull();
  expect(closestName("x", [])).toBeNull();
});

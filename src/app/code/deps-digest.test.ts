import { describe, expect, it } from "vitest";
import { canonicalData } from "./deps-digest.ts";

describe("canonicalData", () => {
  it.each([
    [
      { a: 1, b: { c: [2] } },
      { b: { c: [2] }, a: 1 },
    ],
    [-0, 0],
    [Number.NaN, -Number.NaN],
    [new Uint8Array([1, 2]), Buffer.from([1, 2])],
    [new Float32Array([1, 2, 3]).subarray(1), new Float32Array([2, 3])],
    [
      new Map([
        ["a", 1],
        ["b", 2],
      ]),
      new Map([
        ["b", 2],
        ["a", 1],
      ]),
    ],
    [new Set([1, 2]), new Set([2, 1])],
    [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ])("equal: %o and %o", (a, b) => {
    expect(canonicalData(a)).toBe(canonicalData(b));
  });

  it.each([
    [1, "1"],
    [1, 1n],
    [null, undefined],
    [
      [1, 2],
      [2, 1],
    ],
    [new Float32Array([1]), new Float64Array([1])],
    [new Date(0), 0],
    [/a/, /a/i],
    [{ a: undefined }, {}],
    [
      [["a"], "b"],
      ["a", ["b"]],
    ],
    ["a,b", ["a", "b"]],
  ])("different: %o and %o", (a, b) => {
    expect(canonicalData(a)).not.toBe(canonicalData(b));
  });

  it("refuses what cannot be seen, by its place", () => {
    class Client {}
    const ring: { self?: unknown } = {};
    ring.self = ring;
    expect(() => canonicalData({ a: [new Client()] })).toThrow("deps.a.0 is an instance of Client");
    expect(() => canonicalData({ f: () => 1 })).toThrow("deps.f is a function");
    expect(() => canonicalData({ s: Symbol("x") })).toThrow("deps.s is a symbol");
    expect(() => canonicalData(ring)).toThrow("deps.self is part of itself");
  });
});

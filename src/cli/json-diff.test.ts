import { expect, test } from "vitest";
import { jsonDiff } from "./json-diff.ts";

test("equal documents do not differ", () => {
  expect(jsonDiff({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([]);
});

test("differences are named by their leaves", () => {
  expect(jsonDiff({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1, c: 4 }, e: 5 })).toEqual([
    { path: "a.c", before: 2, after: 4 },
    { path: "d", before: 3, after: undefined },
    { path: "e", before: undefined, after: 5 },
  ]);
});

test("elements with names are compared by name, wherever they stand", () => {
  const before = [{ name: "id", type: "text" }];
  const after = [
    { name: "title", type: "text" },
    { name: "id", type: "uuid" },
  ];
  expect(jsonDiff({ columns: before }, { columns: after })).toEqual([
    { path: "columns.id.type", before: "text", after: "uuid" },
    { path: "columns.title", before: undefined, after: { name: "title", type: "text" } },
  ]);
});

test("a change of kind is one difference", () => {
  expect(jsonDiff({ a: [1] }, { a: { "0": 1 } })).toEqual([{ path: "a", before: [1], after: { "0": 1 } }]);
  expect(jsonDiff("x", "y")).toEqual([{ path: "", before: "x", after: "y" }]);
});

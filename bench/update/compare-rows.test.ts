import { expect, test } from "vitest";
import { compareRows } from "./compare-rows.ts";
import type { Operation } from "./counts.ts";

function write(id: string, file: string, text: string): Operation {
  return { op: "write", id, file, text };
}

const rebuilt = [write("1", "a.md", "x"), write("2", "a.md", "x"), write("3", "b.md", "y")];

test("rows are compared by file and text, whatever their ids and however they came about", () => {
  const done = [
    write("p", "a.md", "old"),
    write("q", "a.md", "x"),
    write("p", "a.md", "x"),
    write("r", "b.md", "y"),
    write("s", "c.md", "z"),
    { op: "delete", id: "s" } as const,
  ];
  expect(compareRows(done, rebuilt)).toEqual({ rows: 3, stale: 0, missing: 0 });
});

test("a row too many is stale, and one too few is missing", () => {
  const done = [write("p", "a.md", "x"), write("q", "b.md", "old"), write("r", "gone.md", "y")];
  expect(compareRows(done, rebuilt)).toEqual({ rows: 3, stale: 2, missing: 2 });
});

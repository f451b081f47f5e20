import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { QueryResult } from "../app/query-handlers.ts";
import { renderQuery } from "./render-query.ts";
import { plainStyle } from "./style.ts";
import { textWidth } from "./text-width.ts";

function answer(
  results: QueryResult["results"],
  resultFields: QueryResult["resultFields"] = {},
): QueryResult {
  return { handler: "search", query: "x", results, resultFields, queryInfo: null };
}

describe("the results of a query", () => {
  test("take no more columns than there are, and no control characters, whatever they hold", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 300 });
    const value = fc.oneof(
      text,
      fc.constant("\u001b[2Jgone"),
      fc.double(),
      fc.jsonValue(),
      fc.float32Array(),
    );
    const row = fc.record({ score: value, place: value, text: value, other: value }, { requiredKeys: [] });
    const fields = { score: "score", location: "place", text: "text" };
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), fc.integer({ min: 40, max: 120 }), (rows, columns) => {
        for (const line of renderQuery(answer(rows, fields), { style: plainStyle, columns })) {
          expect(textWidth(line)).toBeLessThanOrEqual(columns);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        }
      }),
    );
  });

  test("show scores with as many places each, and whole ones as they are", () => {
    const heads = (...scores: unknown[]) =>
      renderQuery(
        answer(
          scores.map((score) => ({ score })),
          { score: "score" },
        ),
        {
          style: plainStyle,
          columns: 80,
        },
      ).filter((line) => line !== "");
    expect(heads(1, 0.25)).toEqual(["1. score 1.0000", "2. score 0.2500"]);
    expect(heads(12, 3)).toEqual(["1. score 12", "2. score 3"]);
    expect(heads("high", null)).toEqual(["1. score high", "2."]);
  });

  test("are numbered in line, and cut long texts to four lines of their own", () => {
    const rows = Array.from({ length: 10 }, (_, i) => ({ text: `a\n\n\tb ${i}\nc\nd\ne` }));
    const lines = renderQuery(answer(rows, { text: "text" }), { style: plainStyle, columns: 80 });
    expect(lines.slice(0, 6)).toEqual([" 1.", "    a", "      b 0", "    c", "    d…", ""]);
    expect(lines.at(-5)).toBe("10.");
  });
});

import { describe, expect, test } from "vitest";
import type { StoredFailure } from "../app/stored-failures.ts";
import { renderStoredFailures } from "./render-stored-failures.ts";
import { styleFor } from "./style.ts";
import { textWidth } from "./text-width.ts";
import { wrapText } from "./wrap-text.ts";

const style = styleFor({}, {});

const facts = {
  code: "function-failed",
  message: "cannot render",
  hint: null,
  attempts: 3,
  firstAt: new Date(2026, 10, 20, 12, 0, 3),
  lastAt: new Date(2026, 10, 20, 12, 5, 10),
  nextAt: new Date(2026, 10, 20, 12, 7, 41),
} as const;

const row: StoredFailure = {
  kind: "row",
  source: "documents",
  row: "b.md",
  step: "render",
  removal: false,
  ...facts,
};

describe("stored failures", () => {
  test("fit a terminal of eighty columns", () => {
    const long = { ...row, row: `${"deep/".repeat(30)}b.md`, message: `cannot take ${"日本 ".repeat(80)}` };
    const lines = renderStoredFailures("Docs", [row, long], { style, columns: 80 });
    expect(lines.slice(0, 5)).toEqual([
      "Docs: 2 failures",
      "  documents b.md, step render",
      "    cannot render (function-failed)",
      "    3 attempts, first 2026-11-20 12:00:03, last 2026-11-20 12:05:10,",
      "    next due 2026-11-20 12:07:41",
    ]);
    expect(lines.slice(-2)).toEqual([
      "The next update tries all of them again, due or not; `sluice update",
      "--retry-failed` runs only these.",
    ]);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(80);
    expect(lines.join("").replaceAll(" ", "")).toContain("deep/".repeat(30));
  });

  test("tell rows that are being removed, and target rows", () => {
    const target: StoredFailure = { kind: "target-row", target: "Out", key: "old", ...facts, attempts: 1 };
    const lines = renderStoredFailures("Docs", [{ ...row, step: null, removal: true }, target], {
      style,
      columns: null,
    });
    expect(lines[1]).toBe("  documents b.md, being removed");
    expect(lines[4]).toBe("  target Out, row old");
    expect(lines[6]).toBe("    1 attempt, 2026-11-20 12:05:10, next due 2026-11-20 12:07:41");
  });

  test("say what to do where that is known", () => {
    const lines = renderStoredFailures("Docs", [{ ...row, hint: "Look at line 3." }], {
      style,
      columns: null,
    });
    expect(lines[3]).toBe("    hint: Look at line 3.");
  });

  test("print no control characters, and each on its own lines", () => {
    const lines = renderStoredFailures("Docs", [{ ...row, row: "a\u001b[2Jb", message: "one\ntwo" }], {
      style,
      columns: null,
    });
    expect(lines.slice(1, 3)).toEqual([
      "  documents a\\x1b[2Jb, step render",
      "    one two (function-failed)",
    ]);
  });
});

test("text is broken between words, and within one only where it must be", () => {
  expect(wrapText("one two three", 8)).toEqual(["one two", "three"]);
  expect(wrapText("abcdefghij k", 4)).toEqual(["abcd", "efgh", "ij k"]);
  expect(wrapText("日本語", 4)).toEqual(["日本", "語"]);
  expect(wrapText("as it is", Number.POSITIVE_INFINITY)).toEqual(["as it is"]);
});

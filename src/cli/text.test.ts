import { describe, expect, test } from "vitest";
import { counted, formatAge, formatCount, formatRate, formatSpan } from "./format-number.ts";
import { formatTable } from "./format-table.ts";
import { printableLine } from "./printable.ts";
import { styleFor } from "./style.ts";
import { cutToWidth, padToWidth, textWidth } from "./text-width.ts";
import { fileTimestamp } from "./timestamp.ts";

test("widths count columns, not characters", () => {
  expect(textWidth("abc")).toBe(3);
  expect(textWidth("日本")).toBe(4);
  expect(textWidth("e\u0301")).toBe(1);
  expect(textWidth("\u001b[31mred\u001b[39m")).toBe(3);
  expect(cutToWidth("日本語", 5)).toBe("日本…");
  expect(cutToWidth("abc", 3)).toBe("abc");
  expect(padToWidth("日本", 6)).toBe("日本  ");
  expect(padToWidth("7", 3, "left")).toBe("  7");
});

test("a table aligns its columns and leaves no space at the ends", () => {
  expect(
    formatTable([
      ["a", "bb", "c"],
      ["aaa", "b", ""],
    ]),
  ).toEqual(["a    bb  c", "aaa  b"]);
});

test("numbers and spans read well", () => {
  expect(formatCount(1234567)).toBe("1,234,567");
  expect(counted(1, "row")).toBe("1 row");
  expect(counted(0, "row")).toBe("0 rows");
  expect([3, 1_234, 59_999, 61_000, 3_720_000, 198_000_000].map(formatSpan)).toEqual([
    "3 ms",
    "1.2 s",
    "1 min 00 s",
    "1 min 01 s",
    "1 h 02 min",
    "2 d 07 h",
  ]);
  expect([-1, 999, 59_999, 60_000, 7_199_999, 172_800_000].map(formatAge)).toEqual([
    "0 s",
    "0 s",
    "59 s",
    "1 min",
    "1 h",
    "2 d",
  ]);
  expect([0.5, 12.3, 4567].map((rate) => formatRate(rate))).toEqual(["0.5/s", "12/s", "4,567/s"]);
  expect(formatRate(412, " rows")).toBe("412 rows/s");
});

test("a timestamp is a file name on any system", () => {
  expect(fileTimestamp(new Date(2026, 0, 2, 3, 4, 5))).toBe("20260102-030405");
});

test("control characters are shown, not obeyed", () => {
  expect(printableLine("a\r\n  b\tc\u0007")).toBe("a b c\\x07");
});

describe("colours", () => {
  const terminal = { isTTY: true };
  test.each([
    ["a terminal has them", terminal, {}, true],
    ["a pipe has none", {}, {}, false],
    ["NO_COLOR", terminal, { NO_COLOR: "1" }, false],
    ["an empty NO_COLOR says nothing", terminal, { NO_COLOR: "" }, true],
    ["FORCE_COLOR", {}, { FORCE_COLOR: "1" }, true],
    ["FORCE_COLOR over NO_COLOR", {}, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
    ["FORCE_COLOR=0", terminal, { FORCE_COLOR: "0" }, false],
    ["a dumb terminal", terminal, { TERM: "dumb" }, false],
  ])("%s", (_name, stream, env, coloured) => {
    expect(styleFor(stream, env)("red", "x") !== "x").toBe(coloured);
  });
});

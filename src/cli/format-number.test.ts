import { expect, test } from "vitest";
import { formatCount } from "./format-number.ts";

test.each([
  [0, "0"],
  [999, "999"],
  [1_000, "1,000"],
  [1_234_567, "1,234,567"],
  [-123_456, "-123,456"],
])("%d is shown as %s", (count, text) => {
  expect(formatCount(count)).toBe(text);
});

import { expect, test } from "vitest";
import { parseTimeSpan } from "./time-span.ts";

test.each([
  ["250ms", 250],
  ["5s", 5_000],
  ["1.5s", 1_500],
  ["1m30s", 90_000],
  ["2h", 7_200_000],
  ["7d", 604_800_000],
  [12, 12],
  [0, 0],
])("%s is %s ms", (span, ms) => {
  expect(parseTimeSpan(span)).toBe(ms);
});

test.each(["", "5", "s", "5 s", "-5s", "5y", "1e3s", Number.NaN, -1, Number.POSITIVE_INFINITY])(
  "%s is no span",
  (span) => {
    expect(parseTimeSpan(span)).toBeNull();
  },
);

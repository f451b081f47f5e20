import { expect, test } from "vitest";
import { dateOfDays, daysOfDate, lastDay } from "./calendar.ts";

test("every date is that of JavaScript's own calendar", () => {
  const start = Date.parse("0000-01-01T00:00:00Z");
  let wrong = 0;
  for (let days = 0; days <= lastDay; days++) {
    const { year, month, day } = dateOfDays(days);
    if (daysOfDate(year, month, day) !== days) wrong++;
    // All of them would take long; a stride that shares no factor with the calendar meets every kind of day.
    if (days % 13 !== 0 && days !== lastDay) continue;
    const text = new Date(start + days * 86_400_000).toISOString();
    if (text.slice(0, 10) !== [String(year).padStart(4, "0"), pad(month), pad(day)].join("-")) wrong++;
  }
  expect(wrong).toBe(0);
  expect(dateOfDays(lastDay)).toEqual({ year: 9999, month: 12, day: 31 });
});

test.each([
  [2023, 2, 29],
  [1900, 2, 29],
  [2024, 0, 1],
  [2024, 13, 1],
  [2024, 4, 31],
  [2024, 1, 0],
])("there is no %i-%i-%i", (y, m, d) => {
  expect(daysOfDate(y, m, d)).toBe(null);
});

const pad = (value: number) => String(value).padStart(2, "0");

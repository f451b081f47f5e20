import { describe, expect, test } from "vitest";
import { type AllowedDeletions, holdDeletions, holdExtras } from "./deletion-guard.ts";

const place = { flow: "Docs", source: "pages" };

function isHeld(tracked: number, gone: number, allowed: AllowedDeletions = false, added = 0): boolean {
  return holdDeletions(place, { tracked, gone, there: tracked - gone + added }, allowed) !== null;
}

describe("rows that are gone are held", () => {
  test.each([
    [20, 11, true],
    [20, 10, false],
    [21, 11, true],
    [21, 10, false],
    [100_000, 50_001, true],
    [100_000, 50_000, false],
  ])("of %i tracked, %i of them: %s", (tracked, gone, held) => {
    expect(isHeld(tracked, gone)).toBe(held);
  });

  test("not of fewer than twenty, while the source has any row", () => {
    expect(isHeld(19, 18)).toBe(false);
    expect(isHeld(19, 19, false, 1)).toBe(false);
    expect(isHeld(20, 20, false, 500)).toBe(true);
  });

  test("of a source that is empty, where more than one was tracked", () => {
    expect(isHeld(2, 2)).toBe(true);
    expect(isHeld(19, 19)).toBe(true);
    expect(isHeld(1, 1)).toBe(false);
    expect(isHeld(0, 0)).toBe(false);
  });
});

test("an approval lets go what it covers, and nothing of what goes beyond", () => {
  expect(isHeld(40, 40, true)).toBe(false);
  expect(isHeld(40, 40, 40)).toBe(false);
  expect(isHeld(40, 40, 39)).toBe(true);
  expect(isHeld(40, 40, 0)).toBe(true);
  expect(isHeld(40, 10, 0)).toBe(false);
  expect(isHeld(40, 40, Number.NaN)).toBe(true);
});

test("the error says how many of how many, and how to approve", () => {
  const most = holdDeletions(place, { tracked: 40, gone: 31, there: 12 }, false);
  expect(most).toMatchObject({ source: "pages", rows: 31, tracked: 40 });
  expect(most?.error).toMatchObject({
    code: "deletions-held",
    message: "31 of 40 rows are gone from the source, which is more than half",
    hint: "If they are to go, update with allowDeletions: 31, or with true for any number.",
    where: place,
  });
  const all = holdDeletions(place, { tracked: 3, gone: 3, there: 0 }, false);
  expect(all?.error.message).toBe("the source is empty, where 3 rows were tracked");
});

test.each([
  [{ found: 1, extra: 1 }, false, null],
  [{ found: 2, extra: 2 }, false, "all 2 rows are extra"],
  [{ found: 19, extra: 18 }, false, null],
  [{ found: 20, extra: 10 }, false, null],
  [{ found: 20, extra: 11 }, false, "11 of 20 rows, more than half, are extra"],
  [{ found: 20, extra: 11 }, 10, "11 of 20 rows, more than half, are extra"],
  [{ found: 20, extra: 11 }, 11, null],
  [{ found: 20, extra: 20 }, true, null],
] as const)("of a target with %o, allowed %s: %s", (rows, allowed, held) => {
  expect(holdExtras(rows, allowed)?.message ?? null).toBe(held);
});

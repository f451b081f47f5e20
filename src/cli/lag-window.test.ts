import { expect, test } from "vitest";
import { LagCounts, LagWindow } from "./lag-window.ts";

test("no change has no lag", () => {
  expect(new LagCounts().summary()).toBeNull();
  expect(new LagWindow().summary(0)).toBeNull();
});

test("one change has its own lag for median, since none was longer", () => {
  const counts = new LagCounts();
  counts.add(31);
  expect(counts.summary()).toEqual({ medianMs: 31, maxMs: 31 });
});

test.each([1, 12, 47, 310, 4_999, 123_456])("a median near %d ms is off by less than a tenth", (middle) => {
  const counts = new LagCounts();
  for (let index = -500; index <= 500; index++) counts.add(middle * (1 + index / 1_000));
  const { medianMs, maxMs } = counts.summary()!;
  expect(Math.abs(medianMs - middle)).toBeLessThan(0.1 * middle + 0.5);
  expect(maxMs).toBe(middle * 1.5);
});

test("a clock that was set back, or a day of lag, is counted too", () => {
  const counts = new LagCounts();
  counts.add(-5);
  counts.add(86_400_000);
  counts.add(86_400_000);
  expect(counts.summary()!.maxMs).toBe(86_400_000);
});

test("only the last minute counts", () => {
  const window = new LagWindow();
  window.add(1_000, 0);
  window.add(10, 30_000);
  expect(window.summary(30_000)!.maxMs).toBe(1_000);
  expect(window.summary(65_000)!.maxMs).toBe(10);
  window.add(20, 70_000);
  expect(window.summary(70_000)!.maxMs).toBe(20);
  expect(window.summary(90_000)!.maxMs).toBe(20);
  expect(window.summary(1_000_000)).toBeNull();
  window.add(30, 2_000_000);
  expect(window.summary(1_000_000)).toBeNull();
});

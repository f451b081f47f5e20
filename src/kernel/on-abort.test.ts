import { expect, test } from "vitest";
import { onAbort } from "./on-abort.ts";

test("all that wait are told once, in the order in which they began, except those that were forgotten", () => {
  const controller = new AbortController();
  const told: string[] = [];
  onAbort(controller.signal, () => told.push("a"));
  const forget = onAbort(controller.signal, () => told.push("b"));
  onAbort(controller.signal, () => told.push("c"));
  forget();
  controller.abort();
  controller.abort();
  expect(told).toEqual(["a", "c"]);
});

test("a signal that has aborted says so at once", () => {
  let told = 0;
  onAbort(AbortSignal.abort(), () => told++)();
  expect(told).toBe(1);
});

test("fifty thousand may wait on one signal", () => {
  const controller = new AbortController();
  let told = 0;
  const forget = Array.from({ length: 50_000 }, () => onAbort(controller.signal, () => told++));
  for (const one of forget.slice(0, 20_000)) one();
  controller.abort();
  expect(told).toBe(30_000);
});

import { expect, test } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const now = Date.parse("2026-11-20T12:00:00Z");

test.each([
  ["its own word", { retryAfterMs: 250 }, 250],
  ["a Headers of seconds", { headers: new Headers({ "Retry-After": "3" }) }, 3_000],
  ["a plain object of any case", { headers: { "RETRY-AFTER": "1.5" } }, 1_500],
  ["a date", { headers: { "retry-after": "Fri, 20 Nov 2026 12:00:30 GMT" } }, 30_000],
  ["a date that is past", { headers: { "retry-after": "Fri, 20 Nov 2026 11:00:00 GMT" } }, 0],
  ["milliseconds", { headers: { "retry-after-ms": "40", "retry-after": "1" } }, 40],
  ["headers of a response", { response: { headers: new Headers({ "retry-after": "2" }) } }, 2_000],
  ["responseHeaders", { responseHeaders: { "retry-after": ["7"] } }, 7_000],
  ["its cause", new Error("outer", { cause: { retryAfterMs: 9 } }), 9],
  ["nothing", new Error("plain"), null],
  ["something else", { headers: { "retry-after": "soon" } }, null],
  ["an empty header", { headers: { "retry-after": "" } }, null],
  ["an empty header of milliseconds", { headers: { "retry-after-ms": " " } }, null],
  ["no object", "text", null],
])("an error asks to be left alone by %s", (_how, error, ms) => {
  expect(retryAfterMs(error, now)).toBe(ms);
});

test("a ring of causes is followed once", () => {
  const error = new Error("its own cause");
  error.cause = error;
  expect(retryAfterMs(error, now)).toBeNull();
});

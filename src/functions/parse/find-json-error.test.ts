import fc from "fast-check";
import { expect, test } from "vitest";
import { findJsonError } from "./find-json-error.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test("finds an error where, and only where, JSON.parse finds one", () => {
  const pieces = fc.constantFrom(...'{}[]:,"-+.01eEtruefalsn \n\\/u4\t\u0007a');
  const likely = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(""));
  const damaged = fc
    .tuple(fc.json(), fc.nat(), fc.nat({ max: 2 }), fc.array(pieces, { maxLength: 2 }))
    .map(([text, at, length, other]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + other.join("") + text.slice(from + length);
    });
  fc.assert(
    fc.property(fc.oneof(likely, damaged, fc.json()), (text) => {
      expect([text, findJsonError(text) === null]).toEqual([text, isJson(text)]);
    }),
    { numRuns: 3_000 },
  );
});

test("what is JSON so far goes wrong at its end, or where its last word or number begins to", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (text, at) => {
      const cut = text.slice(0, at % text.length);
      const found = findJsonError(cut);
      if (found !== null) expect(cut.slice(found)).toMatch(/^([a-z]+|[-+.e]+|\\(u[0-9a-f]*)?)?$/i);
    }),
  );
});

test.each([
  ["", 0],
  ["nul", 0],
  ["[1, 2,]", 6],
  ['{"a": 1 "b": 2}', 8],
  ['{"a" 1}', 5],
  ['{"a": 1}}', 8],
  ["[01]", 2],
  ['"a\nb"', 2],
  ['["\\x"]', 2],
  ["{a: 1}", 1],
  ["[", 1],
  ['"abc', 4],
  ["\u00a01", 0],
])("%j goes wrong at %i", (text, at) => {
  expect(findJsonError(text)).toBe(at);
});

test("takes any depth", () => {
  expect(findJsonError("[".repeat(200_000))).toBe(200_000);
  expect(findJsonError("[".repeat(200_000) + "]".repeat(200_000))).toBeNull();
});

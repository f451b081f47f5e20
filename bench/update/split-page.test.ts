import { expect, test } from "vitest";
import { PageMaker } from "../corpus.ts";
import { splitPage, splitPageAgain } from "./split-page.ts";

const maker = new PageMaker(1);
const pages = [
  "",
  "a".repeat(2_500),
  " ".repeat(2_500),
  "\n".repeat(2_500),
  `\n\n${"a".repeat(1_500)}`,
  `a\n${"b ".repeat(900)}`,
  ...Array.from({ length: 50 }, () => maker.next()),
];

test("a page is cut into pieces of at most a thousand characters, which are the page", () => {
  for (const page of pages) {
    const pieces = splitPage(page);
    expect(pieces.join("")).toBe(page);
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(1_000);
    expect(pieces).not.toContain("");
  }
});

test("it is cut after a blank line, else after a line, else after a word", () => {
  const lines = `${"a".repeat(300)}\n${"b".repeat(300)} ${"c".repeat(600)}`;
  expect(splitPage(lines).map(({ length }) => length)).toEqual([301, 901]);
  expect(splitPage(lines.replace("\n", "\n\n")).map(({ length }) => length)).toEqual([302, 901]);
  expect(splitPage(lines.replace("\n", "-")).map(({ length }) => length)).toEqual([602, 600]);
});

test("the other splitter does the same by other code", () => {
  for (const page of pages) expect(splitPageAgain(page)).toEqual(splitPage(page));
});

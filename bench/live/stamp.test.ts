import { expect, test } from "vitest";
import { stampOf, stampPage } from "./stamp.ts";

test("a page tells its stamp only where all of it is there", () => {
  const page = stampPage("# Title\n\nStamp: 3\n", 41);
  expect(stampOf(page)).toBe(41);
  for (let end = 0; end < page.length; end++) expect(stampOf(page.slice(0, end))).toBe(0);
  expect(stampOf(stampPage("text", 41).replace(/41\n$/, "42\n"))).toBe(0);
  expect(stampOf("# A page of the corpus\n")).toBe(0);
});

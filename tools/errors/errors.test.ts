import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { errorCodes } from "../../src/errors/codes.ts";
import { temporaryTree } from "../project/temporary-tree.ts";
import { referenceFile, renderErrorReference } from "./error-reference.ts";
import { findUnprovokedCodes, unprovokedFile } from "./provoked-codes.ts";

describe("the reference of error codes", () => {
  it("is up to date (npm run docs:errors)", () => {
    expect(readFileSync(referenceFile, "utf8")).toBe(renderErrorReference());
  });

  it("names every code once", () => {
    const page = renderErrorReference();
    for (const code of Object.keys(errorCodes)) expect(page.split(`\`${code}\``)).toHaveLength(2);
  });
});

describe("the check that tests provoke every code", () => {
  const tree = {
    [unprovokedFile]: '["b"]',
    "src/flow/x.test.ts": 'expect(code).toBe("a");',
    "src/errors/x.test.ts": '["b", "c"]',
    "tools/x.test.ts": '["b", "c"]',
  };
  const messages = (files: Readonly<Record<string, string>>, codes: readonly string[]) =>
    findUnprovokedCodes(temporaryTree(files), codes).findings.map(({ message }) => message);

  it("accepts codes that a test names, and listed ones", () => {
    expect(messages(tree, ["a", "b"])).toEqual([]);
  });

  it("refuses a code that no test names", () => {
    expect(messages(tree, ["a", "b", "c"])).toEqual(["c is provoked by no test"]);
  });

  it("refuses a listed code that a test names", () => {
    expect(messages({ ...tree, "test/y.test.ts": "`b`" }, ["a", "b"])).toEqual([
      "b is provoked by a test now: take it off the list",
    ]);
  });

  it("refuses a listed code that is none", () => {
    expect(messages(tree, ["a"])).toEqual(["b is no code: take it off the list"]);
  });

  it("accepts this project", () => {
    expect(findUnprovokedCodes(process.cwd(), Object.keys(errorCodes)).findings).toEqual([]);
  });
});

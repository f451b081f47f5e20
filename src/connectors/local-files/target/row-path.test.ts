import { resolve, sep } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { controlName, findKeyProblem, rowKey, rowPath } from "./row-path.ts";

const problemOf = (key: string, suffix = "", platform = "linux") => findKeyProblem(key, suffix, platform);

/** Texts out of what paths are made of, so that a few hundred of them meet every rule. */
const hostileKey = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "/",
        "\\",
        ".",
        "..",
        "...",
        "\0",
        "a",
        "A",
        " ",
        "C:",
        "con",
        "\ud800",
        "é",
        controlName,
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));
const suffix = fc.constantFrom("", ".html", ".", " ", "x");

describe("keys as paths", () => {
  test("whatever a key says, its file is below the directory and not the target's own", () => {
    fc.assert(
      fc.property(hostileKey, suffix, (key, end) => {
        fc.pre(problemOf(key, end, process.platform) === null);
        const path = resolve("/out", rowPath(key, end));
        expect(path.startsWith(`${resolve("/out")}${sep}`)).toBe(true);
        expect(path.startsWith(resolve("/out", controlName) + sep)).toBe(false);
        expect(path).not.toBe(resolve("/out", controlName));
      }),
      { numRuns: 5_000 },
    );
  });

  test("two keys are two files, and a file tells its key", () => {
    fc.assert(
      fc.property(hostileKey, hostileKey, suffix, (one, other, end) => {
        fc.pre([one, other].every((key) => problemOf(key, end) === null));
        const [a, b] = [one, other].map((key) =>
          Buffer.from(resolve("/out", rowPath(key, end))).toString("hex"),
        );
        expect(a === b).toBe(one === other);
        expect(rowKey(rowPath(one, end), end)).toBe(one);
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ["", "it is empty"],
    ["/etc/passwd", "it is an absolute path"],
    ["a//b", "a name in it is empty"],
    ["a/", "a name in it is empty"],
    [".", 'it has a name "." or ".."'],
    ["a/../../b", 'it has a name "." or ".."'],
    ["a\0b", "it holds a NUL"],
    ["a\ud800", "it is no valid Unicode"],
    [`${controlName}/list`, ".sluice-files is the target's own"],
    [".Sluice-FILES/list", ".sluice-files is the target's own"],
    [".ſluice-fi\u200dles", ".sluice-files is the target's own"],
    ["é".repeat(128), "a name in it is longer than 255"],
  ])("%j is refused", (key, problem) => {
    expect(problemOf(key)).toBe(problem);
  });

  test("what only looks alike is taken", () => {
    for (const key of [
      "...",
      "..a",
      "a..",
      ".hidden",
      `a/${controlName}`,
      "é".repeat(127),
      "a\\b",
      "con",
      " ",
    ])
      expect(problemOf(key)).toBeNull();
  });

  test("the suffix counts as part of the last name", () => {
    expect(problemOf("a".repeat(251), ".html")).toBe("a name in it is longer than 255");
    expect(problemOf("a".repeat(250), ".html")).toBeNull();
    expect(problemOf(".sluice", "-files")).toBe(".sluice-files is the target's own");
    expect(problemOf("..", ".html")).toBe('it has a name "." or ".."');
  });

  test.each([
    ["a\\..\\..\\b", 'Windows takes no "\\\\" in names'],
    ["C:/b", 'Windows takes no ":" in names'],
    ["a/b.", "Windows takes no name that ends with a dot or a space"],
    ["a /b", "Windows takes no name that ends with a dot or a space"],
    ["nul", '"nul" is a device of Windows'],
    ["docs/COM1.txt", '"COM1.txt" is a device of Windows'],
  ])("%j is refused on Windows", (key, problem) => {
    expect(problemOf(key, "", "win32")).toBe(problem);
  });

  test("names are as long as the platform counts them", () => {
    expect(problemOf("é".repeat(255), "", "darwin")).toBeNull();
    expect(problemOf("é".repeat(256), "", "win32")).toBe("a name in it is longer than 255");
  });
});

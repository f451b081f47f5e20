import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePatterns, findPatternProblem } from "./patterns.ts";

const takes = (path: string, ...includedPatterns: string[]) =>
  compilePatterns(includedPatterns.length > 0 ? { includedPatterns } : {}).takes(path);

describe("included patterns", () => {
  it.each([
    ["a.md", []],
    ["deep/er/a.md", []],
    ["a.md", ["*.md"]],
    ["x/a.md", ["**/*.md"]],
    ["a.md", ["**/*.md"]],
    ["x/a.mdx", ["**/*.{md,mdx}"]],
    ["x/a.md", ["nothing", "./x/*"]],
    ["a.md", ["[!b].md"]],
    ["keep.md", ["!(drop).md"]],
    ["a.md", ["[[:alpha:]].md"]],
    [".env", [".env"]],
    [".github/workflows/ci.yml", [".github/**"]],
    ["line\nbreak/a\n.md", ["**/*.md"]],
    ["-dash.md", ["**"]],
    ["*.md", ["\\*.md"]],
    ["ä.md", ["?.md"]],
  ])("take %j with %j", (path, patterns) => {
    expect(takes(path, ...patterns)).toBe(true);
  });

  it.each([
    [".env", []],
    [".git/config", []],
    ["x/.hidden/a.md", ["**/*.md"]],
    ["x/a.md", ["*.md"]],
    ["a.MD", ["*.md"]],
    ["a.md", ["\\*.md"]],
    [".github/.secret", [".github/**"]],
  ])("leave out %j with %j", (path, patterns) => {
    expect(takes(path, ...patterns)).toBe(false);
  });
});

describe("excluded patterns", () => {
  const excluding = (...excludedPatterns: string[]) => compilePatterns({ excludedPatterns });

  it.each(["node_modules", "node_modules/", "node_modules/**", "**/node_modules", "./node_modules"])(
    "%s leaves out the directory with all below it",
    (pattern) => {
      const filter = excluding(pattern);
      expect(filter.entersDirectory("node_modules")).toBe(false);
      expect(filter.takes("node_modules/a/b.js")).toBe(false);
      expect(filter.takes("src/b.js")).toBe(true);
    },
  );

  it("match hidden names too, and win over included ones", () => {
    const filter = compilePatterns({ includedPatterns: [".x/**"], excludedPatterns: ["**/*.log"] });
    expect(filter.takes(".x/a.txt")).toBe(true);
    expect(filter.takes(".x/a.log")).toBe(false);
  });

  it("of files alone do not keep their directory out", () => {
    expect(excluding("docs/*.tmp").entersDirectory("docs")).toBe(true);
  });
});

describe("directories that cannot hold a match", () => {
  it.each([
    [".git", [], false],
    ["src", ["docs/**/*.md"], false],
    ["docs", ["docs/**/*.md"], true],
    ["docs/a", ["docs/**/*.md"], true],
    ["docs/.a", ["docs/**/*.md"], false],
    ["a", ["*.md"], false],
    [".github", ["**/*.md", ".github/*.yml"], true],
    ["a", ["{a,b/c}/*.md"], true],
    [".a", ["{a,b/c}/*.md"], false],
  ])("%s with %j: %s", (directory, patterns, expected) => {
    const spec = patterns.length > 0 ? { includedPatterns: patterns } : {};
    expect(compilePatterns(spec).entersDirectory(directory)).toBe(expected);
  });

  it("never hold one", () => {
    const piece = fc.constantFrom(
      "a",
      "b",
      ".a",
      "*",
      "?",
      "**",
      "/",
      "/",
      ".",
      "{a,b}",
      "{a/b,.b}",
      "!(a)",
      "@(a|.b)",
      "[ab]",
      "[!a]",
      "**b",
    );
    const pattern = fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => pieces.join(""));
    const names = ["a", "b", ".a", ".b", "ab"];
    const pairs = names.flatMap((a) => names.map((b) => [a, b]));
    const paths = [...pairs, ...pairs.flatMap((pair) => names.map((name) => [...pair, name]))];
    fc.assert(
      fc.property(pattern, (glob) => {
        if (findPatternProblem(glob, "included") !== null) return;
        const filter = compilePatterns({ includedPatterns: [glob] });
        for (const path of paths) {
          if (!filter.takes(path.join("/"))) continue;
          for (let depth = 1; depth < path.length; depth++)
            expect(filter.entersDirectory(path.slice(0, depth).join("/")), `${glob} ${path.join("/")}`).toBe(
              true,
            );
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("patterns that cannot be meant", () => {
  it.each([
    ["", "is empty"],
    ["!a.md", "begins with !"],
    ["****.md", "more than two stars"],
    ["a/\\****", "more than two stars"],
    ["/a", "is absolute"],
    ["C:/a", "is absolute"],
    ["docs/", "names a directory"],
    ["docs\\a.md", "backslash"],
    ["a//b", "segment"],
    ["../a", "segment"],
    ["a/./b", "segment"],
    [".", "segment"],
    ["{a", "is not a glob"],
    ["[b-a]", "is not a glob"],
  ])("%j %s", (pattern, problem) => {
    const found = findPatternProblem(pattern, "included");
    expect(found?.problem).toContain(problem);
    expect(found?.hint).toMatch(/\.$/);
  });
  it("are too long to compile", () => {
    expect(findPatternProblem("a".repeat(70_000), "included")?.problem).toContain("is not a glob");
  });
});

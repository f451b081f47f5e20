import { createRequire } from "node:module";
import type picomatch from "picomatch";

const require = createRequire(import.meta.url);

/** Why a pattern cannot be used, and what to write in its place. */
export interface PatternProblem {
  readonly problem: string;
  readonly hint: string;
}

export type PatternRole = "included" | "excluded";

/** Decides by path alone. Paths are relative to the root, with `/` separators. */
export interface PathFilter {
  /** Whether a file belongs to the source, provided that no directory above it is excluded. */
  takesFile(path: string): boolean;
  /** Whether anything in the directory could belong to the source. */
  entersDirectory(path: string): boolean;
  /** Whether a file belongs to the source, with the directories above it considered. */
  takes(path: string): boolean;
}

/** What is wrong with a pattern; null where nothing is. */
export function findPatternProblem(pattern: string, role: PatternRole): PatternProblem | null {
  return findMisplacedPattern(pattern, role) ?? findUnmatchablePattern(pattern) ?? findSyntaxProblem(pattern);
}

/** @throws Error for a pattern in which `findPatternProblem` finds a problem */
export function compilePatterns(spec: {
  readonly includedPatterns?: readonly string[] | undefined;
  readonly excludedPatterns?: readonly string[] | undefined;
}): PathFilter {
  const included = (spec.includedPatterns ?? ["**/*"]).map(compileIncluded);
  const excluded = (spec.excludedPatterns ?? []).map(compileExcluded);
  const excludes = (path: string) => excluded.some((pattern) => pattern.test(path));
  const takesFile = (path: string) => included.some((pattern) => pattern.test(path)) && !excludes(path);
  return {
    takesFile,
    entersDirectory(path) {
      const segments = path.split("/");
      return included.some((pattern) => pattern.mayMatchBelow(segments)) && !excludes(path);
    },
    takes: (path) => takesFile(path) && !directoriesAbove(path).some(excludes),
  };
}

function findMisplacedPattern(pattern: string, role: PatternRole): PatternProblem | null {
  if (pattern === "")
    return { problem: "is empty", hint: "Leave the pattern out, or write **/* for every file." };
  if (/^!(?!\()/.test(pattern))
    return {
      problem: "begins with !",
      hint: "Put what is to be left out into excludedPatterns, without the !.",
    };
  if (/^(\/|[A-Za-z]:[\\/])/.test(pattern))
    return { problem: "is absolute", hint: "Patterns are relative to path: leave the beginning out." };
  if (role === "included" && pattern.endsWith("/"))
    return { problem: "names a directory", hint: `Write ${pattern}** for every file in it.` };
  return null;
}

function findUnmatchablePattern(pattern: string): PatternProblem | null {
  if (/\\[A-Za-z0-9_]/.test(pattern))
    return { problem: "has a backslash before a letter or digit", hint: "Separate directories with /." };
  const segments = withoutDotSlash(pattern).replace(/\/$/, "").split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === ".."))
    return { problem: "has a segment that no path has", hint: "Write it without //, /./ and /../." };
  // The matcher takes a dot after them for any character.
  if (/\*{3}/.test(pattern.replace(/\\./g, "")))
    return {
      problem: "has more than two stars in a row",
      hint: "Write ** for directories, * within a name.",
    };
  return null;
}

function findSyntaxProblem(pattern: string): PatternProblem | null {
  try {
    compileGlob(pattern, false);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      problem: `is not a glob (${reason})`,
      hint: "Close every bracket and brace, or escape it with a backslash.",
    };
  }
}

interface IncludedPattern {
  test(path: string): boolean;
  /** False only where no path below the directory of these segments can match. */
  mayMatchBelow(segments: readonly string[]): boolean;
}

function compileIncluded(pattern: string): IncludedPattern {
  const glob = withoutDotSlash(pattern);
  const regex = compileGlob(glob, false);
  const segments = compileSegments(glob);
  const mayName = mayNameDotSegment(glob);
  return {
    test: (path) => regex.test(path),
    mayMatchBelow: (directory) =>
      segments === null
        ? mayName || !directory.some((segment) => segment.startsWith("."))
        : mayMatchBelow(directory, 0, segments, 0),
  };
}

/** Excludes whatever it matches, with all below it, hidden or not. */
function compileExcluded(pattern: string): RegExp {
  const glob = withoutDotSlash(pattern);
  return compileGlob(glob.endsWith("/") ? `${glob}**` : glob, true);
}

/**
 * The same meaning on every platform: `/` separates, a backslash escapes, case counts. The flag lets `**` pass
 * over names with line breaks, `posix` allows `[!a]`, and `debug` makes a bad glob throw, where it would quietly match nothing.
 */
function compileGlob(glob: string, dot: boolean): RegExp {
  // Loaded where there is a pattern, and as the CommonJS that it is, which takes half the time of importing it.
  const { makeRe } = require("picomatch") as typeof picomatch;
  return makeRe(glob, {
    windows: false,
    nonegate: true,
    posix: true,
    flags: "s",
    debug: true,
    dot,
  });
}

type Segment = RegExp | "**";

/** The pattern segment by segment; null where a part of it may span several segments. */
function compileSegments(glob: string): readonly Segment[] | null {
  if (/[()\\]/.test(glob) || hasSlashInBrackets(glob)) return null;
  const segments = glob.split("/");
  if (segments.some((segment) => segment.includes("**") && segment !== "**")) return null;
  try {
    return segments.map((segment) => (segment === "**" ? "**" : compileGlob(segment, false)));
  } catch {
    return null;
  }
}

function hasSlashInBrackets(glob: string): boolean {
  let depth = 0;
  for (const character of glob) {
    if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    else if (character === "/" && depth !== 0) return true;
  }
  return false;
}

function mayMatchBelow(
  directory: readonly string[],
  from: number,
  pattern: readonly Segment[],
  at: number,
): boolean {
  if (at === pattern.length) return false;
  if (from === directory.length) return true;
  const segment = pattern[at]!;
  const name = directory[from]!;
  if (segment !== "**") return segment.test(name) && mayMatchBelow(directory, from + 1, pattern, at + 1);
  if (mayMatchBelow(directory, from, pattern, at + 1)) return true;
  return !name.startsWith(".") && mayMatchBelow(directory, from + 1, pattern, at);
}

/** True wherever a part of the glob might match a leading dot; only a glob without brackets is looked into. */
function mayNameDotSegment(glob: string): boolean {
  return /[([]|(^|[/{,\\])\./.test(glob);
}

function withoutDotSlash(pattern: string): string {
  return pattern.replace(/^(\.\/)+/, "");
}

function directoriesAbove(path: string): string[] {
  const directories: string[] = [];
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1))
    directories.push(path.slice(0, at));
  return directories;
}

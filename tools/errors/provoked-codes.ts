import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { CheckResult, Finding } from "../project/finding.ts";
import { isTestFile, listProjectFiles, parseFile, walk } from "../project/source-tree.ts";

/** The file of the codes that no test provokes for now; it may only shrink. */
export const unprovokedFile = "tools/errors/unprovoked.json";

/**
 * Codes that no test names, and listed ones that a test names by now. Tests of the error class itself do not
 * count, since they take any code; neither do those of the tools.
 */
export function findUnprovokedCodes(root: string, codes: readonly string[]): CheckResult {
  const listed = new Set(JSON.parse(readFileSync(join(root, unprovokedFile), "utf8")) as string[]);
  const tests = listProjectFiles(root).filter(
    (path) => (isTestFile(path) && !/^(tools|src\/errors)\//.test(path)) || isConformanceCase(path),
  );
  const provoked = new Set(tests.flatMap((path) => stringsIn(root, path)));
  const findings = codes.flatMap((code): Finding[] => {
    const complaint = judge(provoked.has(code), listed.has(code));
    return complaint === null
      ? []
      : [{ rule: "provoked", file: unprovokedFile, line: 1, message: `${code} ${complaint}` }];
  });
  const unknown = [...listed].filter((code) => !codes.includes(code));
  const gone = unknown.map((code) => ({
    rule: "provoked",
    file: unprovokedFile,
    line: 1,
    message: `${code} is no code: take it off the list`,
  }));
  return { findings: [...findings, ...gone], filesRead: tests.length };
}

/** The published suites are tests too; stores and connectors run them. */
function isConformanceCase(path: string): boolean {
  return path.startsWith("src/testing/") && path.endsWith("-cases.ts");
}

function judge(provoked: boolean, listed: boolean): string | null {
  if (provoked && listed) return "is provoked by a test now: take it off the list";
  return provoked || listed ? null : "is provoked by no test";
}

function stringsIn(root: string, path: string): string[] {
  const found: string[] = [];
  walk(parseFile(root, path).tree, (node) => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
  });
  return found;
}

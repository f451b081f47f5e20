import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CheckResult, Finding } from "../project/finding.ts";
import { listProjectFiles, parseFile } from "../project/source-tree.ts";
import { allowances as projectAllowances } from "./allowances.ts";
import type { TidyProject, TidyRule } from "./rule.ts";
import { noAnyTypes } from "./rules/any-types.ts";
import { docComments } from "./rules/doc-comments.ts";
import { doubleCasts } from "./rules/double-casts.ts";
import { noDrawers } from "./rules/drawers.ts";
import { fileLength } from "./rules/file-length.ts";
import { fileNames } from "./rules/file-names.ts";
import { functionLength } from "./rules/function-length.ts";
import { lockFile } from "./rules/lock-file.ts";
import { noPromises, noSuppressions } from "./rules/suppressions.ts";
import { testModes } from "./rules/test-modes.ts";
import { noWorkplace } from "./rules/workplace.ts";

const rules: readonly TidyRule[] = [
  fileNames,
  noDrawers,
  fileLength,
  functionLength,
  noAnyTypes,
  doubleCasts,
  noSuppressions,
  noPromises,
  noWorkplace,
  lockFile,
  docComments,
  testModes,
];

/** Holds the project's own files against every rule. */
export function findUntidiness(root: string, allowances = projectAllowances): CheckResult {
  const project = readProject(root, allowances);
  const findings = rules.flatMap((rule) => applyRule(rule, project));
  if (project.modules.length > 0) return { findings, filesRead: project.files.length };
  const empty: Finding = { rule: "files-read", file: ".", line: 1, message: "no module was read" };
  return { findings: [...findings, empty], filesRead: project.files.length };
}

function applyRule(rule: TidyRule, project: TidyProject): Finding[] {
  return rule.check(project).map((one) => ({
    ...one,
    rule: rule.name,
    message: `${one.message} – ${rule.reason}`,
  }));
}

function readProject(root: string, allowances: TidyProject["allowances"]): TidyProject {
  const files = listProjectFiles(root).filter((path) => !path.startsWith("test/fixtures/"));
  const modules = files.filter((path) => path.endsWith(".ts")).map((path) => parseFile(root, path));
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  return { root, files, modules, allowances, read };
}

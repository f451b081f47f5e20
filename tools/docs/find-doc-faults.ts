import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CheckResult, Finding } from "../project/finding.ts";
import { listProjectFiles } from "../project/source-tree.ts";
import { type CodeBlock, extractBlocks, toModules } from "./code-blocks.ts";
import { findDeadLinks } from "./links.ts";
import { typeCheck } from "./type-check.ts";

/** Type-checks the code of every document and follows its links. */
export function findDocFaults(root: string): CheckResult {
  const files = listProjectFiles(root).filter(
    (path) => path.endsWith(".md") && !/^test\/fixtures\/|^examples\/[^/]+\/data\//.test(path),
  );
  const documents = files.map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));
  const blocks = documents.flatMap(({ file, text }) => extractBlocks(file, text));
  const checked = blocks.filter(({ info }) => !info.startsWith("ignore-check"));
  const findings = [
    ...documents.flatMap(({ file, text }) => findDeadLinks(root, file, text)),
    ...blocks.flatMap(judgeInfo),
    ...typeCheck(root, toModules(checked)),
  ];
  if (files.length > 0) return { findings, filesRead: files.length };
  const empty: Finding = { rule: "files-read", file: ".", line: 1, message: "no document was read" };
  return { findings: [...findings, empty], filesRead: 0 };
}

/** A block that is left out says why, where the next author sees it. */
function judgeInfo({ file, line, info }: CodeBlock): Finding[] {
  if (info === "" || info === "continued" || /^ignore-check\s+\S+\s+\S+/.test(info)) return [];
  const message = `unknown words on the fence: ${info}; say \`continued\`, or \`ignore-check\` and why`;
  return [{ rule: "fence", file, line: line - 1, message }];
}

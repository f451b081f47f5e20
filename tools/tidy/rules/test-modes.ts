import ts from "typescript";
import { isTestFile, lineOf, type ParsedFile, walk } from "../../project/source-tree.ts";
import type { TidyRule, Untidiness } from "../rule.ts";

const roots = new Set(["it", "test", "describe", "suite", "bench"]);
const refused = new Set(["only", "skip", "todo", "skipIf", "runIf", "fails"]);
const conditional = new Set(["skipIf", "runIf"]);

export const testModes: TidyRule = {
  name: "test-modes",
  reason:
    "a test that does not run looks like one that passes; skip with `context.skip(condition, 'why')`, in beforeEach for a suite",
  check: ({ modules }) => modules.filter(({ path }) => isTestFile(path)).flatMap(findModes),
};

function findModes({ path, tree }: ParsedFile): Untidiness[] {
  const found: Untidiness[] = [];
  walk(tree, (node) => {
    const message = ts.isPropertyAccessExpression(node) ? judgeMode(node) : judgeSkip(node);
    if (message !== null) found.push({ file: path, line: lineOf(tree, node.getStart(tree)), message });
  });
  return found;
}

/** `it.only`, `describe.concurrent.skip` and their like, called or not. */
function judgeMode(node: ts.PropertyAccessExpression): string | null {
  if (!refused.has(node.name.text) || dependsOnPlatform(node)) return null;
  let root: ts.Expression = node.expression;
  while (ts.isPropertyAccessExpression(root)) root = root.expression;
  return ts.isIdentifier(root) && roots.has(root.text) ? `uses .${node.name.text}` : null;
}

/** `runIf(process.platform === "linux")` says its reason itself. */
function dependsOnPlatform({ name, parent }: ts.PropertyAccessExpression): boolean {
  if (!conditional.has(name.text) || !ts.isCallExpression(parent)) return false;
  return /^process\.platform [!=]== "\w+"$/.test(parent.arguments[0]?.getText() ?? "");
}

/** `skip(…)` and `context.skip(…)` print their reason when they are given one. */
function judgeSkip(node: ts.Node): string | null {
  if (!ts.isCallExpression(node)) return null;
  const callee = node.expression;
  const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText();
  if (name !== "skip") return null;
  if (ts.isPropertyAccessExpression(callee) && judgeMode(callee) !== null) return null;
  const last = node.arguments.at(-1);
  const hasReason = last && (ts.isStringLiteralLike(last) || ts.isTemplateExpression(last));
  return hasReason ? null : "skips without a reason";
}

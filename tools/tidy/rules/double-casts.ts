import ts from "typescript";
import { isTestFile, lineOf, type ParsedFile, walk } from "../../project/source-tree.ts";
import type { TidyRule, Untidiness } from "../rule.ts";

export const doubleCasts: TidyRule = {
  name: "double-casts",
  reason: "`as unknown as` claims what the compiler has just denied; the number may only fall",
  check: ({ modules, allowances }) => {
    const code = modules.filter(({ path }) => path.startsWith("src/") && !isTestFile(path));
    const found = code.flatMap(findDoubleCasts);
    const allowed = allowances.doubleCasts;
    if (found.length > allowed) {
      return found.map((one) => ({
        ...one,
        message: `${one.message}: ${found.length} of at most ${allowed}`,
      }));
    }
    if (found.length === allowed) return [];
    const message = `${found.length} double casts are left: lower the ratchet from ${allowed}`;
    return [{ file: "tools/tidy/allowances.ts", line: 1, message }];
  },
};

function findDoubleCasts({ path, tree }: ParsedFile): Untidiness[] {
  const found: Untidiness[] = [];
  walk(tree, (node) => {
    if (!ts.isAsExpression(node) || !ts.isAsExpression(node.expression)) return;
    if (node.expression.type.kind !== ts.SyntaxKind.UnknownKeyword) return;
    found.push({ file: path, line: lineOf(tree, node.getStart(tree)), message: "casts through unknown" });
  });
  return found;
}

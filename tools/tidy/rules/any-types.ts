import ts from "typescript";
import { lineOf, type ParsedFile, walk } from "../../project/source-tree.ts";
import type { TidyRule } from "../rule.ts";

export const noAnyTypes: TidyRule = {
  name: "any-types",
  reason: "`any` switches the compiler off for all that it touches, also at the users of the package",
  check: ({ modules, allowances }) => {
    const allowed = new Set(allowances.anyTypes.map(({ file }) => file));
    const found = modules.flatMap((module) => anyTypes(module));
    const used = new Set(found.map(({ file }) => file));
    const unused = [...allowed].filter((file) => !used.has(file));
    return [
      ...found
        .filter(({ file }) => !allowed.has(file))
        .map((at) => ({ ...at, message: "has `any` in a type" })),
      ...unused.map((file) => ({ file, line: 1, message: "has no `any` any more: take it off the list" })),
    ];
  },
};

function anyTypes({ path, tree }: ParsedFile): { file: string; line: number }[] {
  const found: { file: string; line: number }[] = [];
  walk(tree, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
      found.push({ file: path, line: lineOf(tree, node.getStart(tree)) });
    }
  });
  return found;
}

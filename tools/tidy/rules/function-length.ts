import ts from "typescript";
import { isTestFile, lineOf, type ParsedFile, walk } from "../../project/source-tree.ts";
import type { TidyRule, Untidiness } from "../rule.ts";

/** Shares of functions: at least `shortShare` have `short` lines or fewer, fewer than `longShare` more than `long`. */
const bounds = { short: 25, shortShare: 0.9, long: 70, longShare: 0.02 } as const;

interface Length {
  readonly file: string;
  readonly line: number;
  readonly lines: number;
}

export const functionLength: TidyRule = {
  name: "function-length",
  reason:
    "short functions have names where long ones have comments; a few long ones are better than contortions",
  check: ({ modules }) => {
    const code = modules.filter(({ path }) => /^(src|tools)\//.test(path) && !isTestFile(path));
    const lengths = code.flatMap(functionLengths);
    const above = (lines: number) => lengths.filter((one) => one.lines > lines);
    const notShort = above(bounds.short);
    const long = above(bounds.long);
    return [
      ...(notShort.length > lengths.length * (1 - bounds.shortShare)
        ? complain(notShort, lengths.length, `more than ${bounds.short} lines, of at most 10 %`)
        : []),
      ...(long.length > 0 && long.length >= lengths.length * bounds.longShare
        ? complain(long, lengths.length, `more than ${bounds.long} lines, of fewer than 2 %`)
        : []),
    ];
  },
};

/** One finding a share, at its longest function, which is the one to shorten. */
function complain(offenders: readonly Length[], total: number, what: string): Untidiness[] {
  const worst = [...offenders].sort((a, b) => b.lines - a.lines);
  const list = worst.slice(0, 10).map(({ file, line, lines }) => `${file}:${line} (${lines})`);
  const message = `${offenders.length} of ${total} functions have ${what}: ${list.join(", ")}`;
  return [{ file: worst[0]!.file, line: worst[0]!.line, message }];
}

function functionLengths({ path, tree }: ParsedFile): Length[] {
  const found: Length[] = [];
  walk(tree, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || !node.body) return;
    const line = lineOf(tree, node.getStart(tree));
    found.push({ file: path, line, lines: lineOf(tree, node.end) - line + 1 });
  });
  return found;
}

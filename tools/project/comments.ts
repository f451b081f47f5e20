import ts from "typescript";
import { lineOf, type ParsedFile } from "./source-tree.ts";

export interface Comment {
  readonly text: string;
  readonly line: number;
}

/** The comments of a module; text that looks like one inside a string is none. */
export function collectComments({ tree, text }: ParsedFile): Comment[] {
  const found = new Map<number, Comment>();
  const add = (ranges: readonly ts.CommentRange[] | undefined) => {
    for (const { pos, end } of ranges ?? [])
      found.set(pos, { text: text.slice(pos, end), line: lineOf(tree, pos) });
  };
  // Every comment lies before or after some token; text inside a token is reached by neither.
  walkTokens(tree, tree, (token) => {
    add(ts.getLeadingCommentRanges(text, token.pos));
    add(ts.getTrailingCommentRanges(text, token.end));
  });
  return [...found.values()].sort((a, b) => a.line - b.line);
}

/** Unlike {@link walk} it reaches punctuation and the end of the file, and not what is inside a comment. */
function walkTokens(node: ts.Node, tree: ts.SourceFile, visit: (token: ts.Node) => void): void {
  const children = node.getChildren(tree).filter((child) => !ts.isJSDoc(child));
  if (children.length === 0) visit(node);
  for (const child of children) walkTokens(child, tree, visit);
}

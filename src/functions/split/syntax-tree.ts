/** What is used of web-tree-sitter, by its shape: its own types would be missing where it is not installed. */
export interface SyntaxParser {
  parse(
    read: (index: number) => string | undefined,
    oldTree: null,
    options: { progressCallback(): boolean },
  ): SyntaxTree | null;
  reset(): void;
}

/** Lives outside of JavaScript's memory until it is deleted. */
export interface SyntaxTree {
  walk(): SyntaxCursor;
  delete(): void;
}

/** Stands at a node of a tree; indexes are those of the text. */
export interface SyntaxCursor {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly nodeIsNamed: boolean;
  readonly nodeType: string;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
  delete(): void;
}

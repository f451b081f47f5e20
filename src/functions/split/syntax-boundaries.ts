import { Boundaries, cutCosts } from "./boundaries.ts";
import { adjacentCost, attachedCost, maxNestingCost, nestingCost } from "./code-boundaries.ts";
import { isSpace } from "./scan-text.ts";
import type { SyntaxCursor, SyntaxTree } from "./syntax-tree.ts";
import type { Utf8Sizes } from "./utf8-size.ts";

/**
 * The beginnings of the nodes of a syntax tree, by how deep they are nested, whether they begin a line and what is
 * before them. Only nodes of more bytes than wanted are entered: what is within a smaller one is not looked at.
 */
export function syntaxBoundaries(
  text: string,
  tree: SyntaxTree,
  { sizes, wantedBytes }: { readonly sizes: Utf8Sizes; readonly wantedBytes: number },
): Boundaries {
  const walk = new SyntaxWalk(text, (node) => sizes.mayExceed(node.startIndex, node.endIndex, wantedBytes));
  const cursor = tree.walk();
  try {
    walk.run(cursor);
  } finally {
    cursor.delete();
  }
  return walk.boundaries;
}

type NodeExtent = Pick<SyntaxCursor, "startIndex" | "endIndex">;

/** Comments, attributes, decorators: what belongs to the node after it. */
const described = /comment|attribute|decorator|annotation/;

class SyntaxWalk {
  readonly boundaries: Boundaries;
  readonly #text: string;
  readonly #enters: (node: NodeExtent) => boolean;
  /** Of each level that was entered, how deep its nodes are nested, counting only what begins a line. */
  readonly #depths: number[] = [0];
  #lastStart = -1;
  #isAfterDescription = false;

  constructor(text: string, enters: (node: NodeExtent) => boolean) {
    this.#text = text;
    this.#enters = enters;
    this.boundaries = new Boundaries(text);
  }

  /** Without recursion: nesting may be as deep as the text is long. */
  run(cursor: SyntaxCursor): void {
    if (!cursor.gotoFirstChild()) return;
    for (;;) {
      const beginsLine = this.#visit(cursor);
      if (this.#enters(cursor) && cursor.gotoFirstChild()) {
        this.#depths.push(this.#depth + (beginsLine ? 1 : 0));
        this.#isAfterDescription = false;
      } else if (!this.#goOn(cursor)) return;
    }
  }

  get #depth(): number {
    return this.#depths.at(-1)!;
  }

  /** To the next sibling, or that of the closest parent that has one. */
  #goOn(cursor: SyntaxCursor): boolean {
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) return false;
      this.#depths.pop();
    }
    return true;
  }

  /** Adds the beginning of a node; whether that begins a line. */
  #visit(cursor: SyntaxCursor): boolean {
    const start = cursor.startIndex;
    if (!cursor.nodeIsNamed || start === cursor.endIndex) return false;
    if (start <= this.#lastStart) return false;
    const { place, breaks } = this.#before(start);
    this.#lastStart = start;
    const isAttached = this.#isAfterDescription && breaks === 1;
    this.#isAfterDescription = described.test(cursor.nodeType);
    if (breaks > 0) this.boundaries.add(place, this.#lineCost(breaks, isAttached));
    else if (!this.#isAfterDescription) {
      this.boundaries.add(start, cutCosts.clause - 6 + Math.min(this.#depth, 5));
    }
    return breaks > 0;
  }

  #lineCost(breaks: number, isAttached: boolean): number {
    const nested = this.#depth * nestingCost;
    const before = isAttached ? attachedCost : breaks > 1 ? 0 : adjacentCost;
    return Math.min(nested + before, maxNestingCost);
  }

  /** The white space before a node belongs to what is before, but for the indentation of its line. */
  #before(start: number): { readonly place: number; readonly breaks: number } {
    let place = start;
    let breaks = 0;
    for (let at = start - 1; at >= this.#lastStart && isSpace(this.#text.charCodeAt(at)); at--) {
      if (this.#text.charCodeAt(at) !== 10) continue;
      if (breaks === 0) place = at + 1;
      breaks++;
    }
    return { place, breaks };
  }
}

import { Boundaries } from "./boundaries.ts";
import type { CodeRules } from "./code-rules.ts";
import { type Line, walkLines } from "./line-walk.ts";

/** For each level of nesting, in code by rules as in code by its syntax. */
export const nestingCost = 10;
/** Deeper nesting costs no more. */
export const maxNestingCost = 48;
/** Without a blank line before it. */
export const adjacentCost = 4;
/** Between what describes a declaration, such as a comment, and the declaration. */
export const attachedCost = 26;

const plainLineCost = 7;
const closerCost = 54;

/**
 * The beginnings of the lines of code, by how deep they are indented, whether they declare something and whether a
 * blank line parts them from what is before.
 */
export function codeBoundaries(text: string, rules: CodeRules): Boundaries {
  const boundaries = new Boundaries(text);
  const nesting = new Nesting();
  let previous: Line | null = null;
  for (const line of walkLines(text)) {
    boundaries.add(line.start, lineCost(rules, { line, previous, depth: nesting.depthOf(line.indent) }));
    previous = line;
  }
  return boundaries;
}

interface LinePlace {
  readonly line: Line;
  readonly previous: Line | null;
  readonly depth: number;
}

function lineCost(rules: CodeRules, { line, previous, depth }: LinePlace): number {
  if (rules.closer.test(line.head)) return closerCost;
  const nested = Math.min(depth * nestingCost, maxNestingCost - plainLineCost - adjacentCost);
  if (line.isAfterBlank) return nested;
  const isAttached = previous !== null && rules.attached.test(previous.head);
  if (isAttached) return Math.min(nested + attachedCost, maxNestingCost);
  const isPart = rules.declaration.test(line.head) || rules.attached.test(line.head);
  return nested + adjacentCost + (isPart ? 0 : plainLineCost);
}

/** How many lines of less indentation a line stands below: known without knowing how far a level is indented. */
class Nesting {
  readonly #indents: number[] = [];

  depthOf(indent: number): number {
    while (this.#indents.length > 0 && this.#indents.at(-1)! >= indent) this.#indents.pop();
    return this.#indents.push(indent) - 1;
  }
}

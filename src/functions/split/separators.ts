import { z } from "zod";
import { messageOf, SluiceError } from "../../errors/index.ts";
import { Boundaries } from "./boundaries.ts";

/** The source of a regular expression; `^` and `$` are those of lines. */
export const separator = z.string().superRefine((source, context) => {
  const problem = problemOf(source);
  if (problem !== null) context.addIssue({ code: "custom", message: problem });
});

function problemOf(source: string): string | null {
  if (source === "") return "a separator is empty";
  try {
    expressionOf(source);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * Any of the separators. With the flag `u`, no match begins or ends within a code point.
 *
 * @throws SluiceError `option-invalid`
 */
export function compileSeparators(functionName: string, sources: readonly string[]): RegExp {
  for (const source of sources) {
    const problem = problemOf(source);
    if (problem !== null) throw new SluiceError("option-invalid", `${functionName}: ${problem}`);
  }
  return expressionOf(sources.map((source) => `(?:${source})`).join("|"));
}

function expressionOf(source: string): RegExp {
  return new RegExp(source, "gmu");
}

/**
 * Where separators match, the highest first. A match that begins with line breaks is cut behind these, so that
 * what else it matches begins a chunk (`\n## ` for headings); any other is cut behind it.
 */
export function separatorBoundaries(text: string, expressions: readonly RegExp[]): Boundaries {
  const costs = new Map<number, number>();
  expressions.forEach((expression, level) => {
    const cost = Math.round((highestSeparatorCost * level) / expressions.length);
    for (const match of text.matchAll(expression)) {
      const place = match.index + cutWithin(match[0]);
      if (!costs.has(place)) costs.set(place, cost);
    }
  });
  const boundaries = new Boundaries(text);
  for (const place of [...costs.keys()].sort((a, b) => a - b)) boundaries.add(place, costs.get(place)!);
  return boundaries;
}

/** Above it stand sentences and what else no separator says. */
const highestSeparatorCost = 36;

function cutWithin(match: string): number {
  let breaks = 0;
  while (match[breaks] === "\n" || match[breaks] === "\r") breaks++;
  return breaks === 0 ? match.length : breaks;
}

import { z } from "zod";
import { defineFunction } from "../../contracts/define-function.ts";
import { chunkTable } from "./chunk.ts";
import { placeChunks, type TextPart } from "./place-chunks.ts";
import { isSpace, skipSpace } from "./scan-text.ts";
import { compileSeparators, separator } from "./separators.ts";

/**
 * Splits a text wherever one of the separators matches, and yields the same table of chunks as `splitRecursively`.
 *
 * | input | |
 * | --- | --- |
 * | `text` | what is split; the slice goes here |
 * | `separators` | sources of regular expressions (flags `gmu`, so that `^` and `$` are those of lines) |
 * | `keepSeparator` | `"left"`: with what is before it, `"right"`: with what is after it; null, and where it is left out: with neither |
 * | `includeEmpty` | whether chunks without text are kept; false where it is left out |
 * | `trim` | whether white space is left out at both ends of chunks, which `location` tells; true where it is left out |
 *
 * @example
 * file.content.transform(splitBySeparators, { separators: ["\\n---\\n"] })
 *
 * @throws SluiceError `argument-invalid` when the flow is defined, for what is no regular expression
 */
export const splitBySeparators = defineFunction({
  name: "splitBySeparators",
  version: 1,
  input: {
    text: z.string(),
    separators: z.array(separator).min(1),
    keepSeparator: z.enum(["left", "right"]).nullable().default(null),
    includeEmpty: z.boolean().default(false),
    trim: z.boolean().default(true),
  },
  output: chunkTable,
  run({ text, separators, keepSeparator, includeEmpty, trim }) {
    const expression = compileSeparators("splitBySeparators", separators);
    const parts: TextPart[] = [];
    for (const whole of partsBetween(text, expression, keepSeparator)) {
      const part = trim ? trimmed(text, whole) : whole;
      const isEmpty = part.from === part.to;
      // Two without text at one place could not be told apart.
      if (!isEmpty || (includeEmpty && !isSamePlace(part, parts.at(-1)))) parts.push(part);
    }
    return placeChunks(text, parts);
  },
});

function* partsBetween(
  text: string,
  expression: RegExp,
  keepSeparator: "left" | "right" | null,
): Generator<TextPart> {
  let from = 0;
  let lastEnd = 0;
  for (const { index, 0: match } of text.matchAll(expression)) {
    const end = index + match.length;
    // Without width, right behind the match before or at an end of the text, it parts nothing.
    if (match === "" && (index === lastEnd || index === text.length)) continue;
    yield { from, to: keepSeparator === "left" ? end : index };
    from = keepSeparator === "right" ? index : end;
    lastEnd = end;
  }
  yield { from, to: text.length };
}

function trimmed(text: string, { from, to }: TextPart): TextPart {
  const start = skipSpace(text, from, to);
  if (start === to) return { from, to: from };
  let end = to;
  while (isSpace(text.charCodeAt(end - 1))) end--;
  return { from: start, to: end };
}

function isSamePlace(part: TextPart, other: TextPart | undefined): boolean {
  return other !== undefined && part.from === other.from && part.to === other.to;
}

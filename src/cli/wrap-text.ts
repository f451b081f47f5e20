import { textWidth } from "./text-width.ts";

/** Facts with commas between, in lines of at most so many columns where one fact fits. */
export function wrapFacts(facts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const longer = `${lines.at(-1)}, ${fact}`;
    if (lines.length > 0 && textWidth(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(fact);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line},` : line));
}

/** A text in lines of at most so many columns, broken between words; a word that is longer than a line is cut in parts. */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").flatMap((one) => partsOf(one, columns))) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textWidth(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function partsOf(word: string, columns: number): string[] {
  if (textWidth(word) <= columns) return [word];
  const parts = [""];
  for (const character of word) {
    if (textWidth(parts.at(-1) + character) <= columns) parts[parts.length - 1] += character;
    else parts.push(character);
  }
  return parts;
}

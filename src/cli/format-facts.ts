import { textWidth } from "./text-width.ts";

/** A text in lines of at most so many columns, broken at its spaces; a word that takes more stands alone. */
function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textWidth(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Labels with what is said of each, wrapped beside them. What is said must hold no escape codes. */
export function formatFacts(
  facts: readonly (readonly [string, readonly string[]])[],
  columns: number,
): string[] {
  const said = facts.filter(([, texts]) => texts.length > 0);
  const width = Math.max(0, ...said.map(([label]) => label.length));
  return said.flatMap(([label, texts]) =>
    texts
      .flatMap((text) => wrapText(text, columns - width - 2))
      .map((line, index) => `${(index === 0 ? label : "").padEnd(width)}  ${line}`.trimEnd()),
  );
}

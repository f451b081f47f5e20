import { wrapText } from "./wrap-text.ts";

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

import { isSpace, skipSpace } from "./scan-text.ts";

const headLength = 200;

/** A line that is not blank. */
export interface Line {
  /** Where it begins. */
  readonly start: number;
  /** Its first character that is not white space. */
  readonly content: number;
  /** Behind its last character that is not white space. */
  readonly end: number;
  /** What it begins with, without white space around: enough to tell what it is, and little enough for any expression. */
  readonly head: string;
  /** How far it is indented, a tab as four. */
  readonly indent: number;
  readonly isAfterBlank: boolean;
}

/** The lines of a text that are not blank, each walked once. */
export function* walkLines(text: string): Generator<Line> {
  let isAfterBlank = false;
  for (let start = 0; start < text.length; ) {
    const lineBreak = text.indexOf("\n", start);
    const next = lineBreak < 0 ? text.length : lineBreak + 1;
    const content = skipSpace(text, start, next);
    if (content === next) isAfterBlank = true;
    else {
      const end = trimEnd(text, next);
      const head = text.slice(content, Math.min(end, content + headLength));
      yield { start, content, end, head, indent: indentOf(text, start, content), isAfterBlank };
      isAfterBlank = false;
    }
    start = next;
  }
}

function trimEnd(text: string, to: number): number {
  let end = to;
  while (isSpace(text.charCodeAt(end - 1))) end--;
  return end;
}

function indentOf(text: string, start: number, content: number): number {
  let indent = 0;
  for (let at = start; at < content; at++) indent += text.charCodeAt(at) === 9 ? 4 : 1;
  return indent;
}

import { Boundaries, cutCosts } from "./boundaries.ts";
import { type Line, walkLines } from "./line-walk.ts";
import type { ProseRules } from "./prose-rules.ts";
import { endsSentence } from "./scan-text.ts";

const costs = {
  ...cutCosts,
  thematicBreak: 12,
  item: 18,
  nestedItem: 24,
  /** Behind a line that introduces it. */
  introduced: 26,
  fencedBlock: 28,
  fencedLine: 34,
  /** Right behind a heading, or between a table's head and its rows: what stands there would be lost alone. */
  orphan: 48,
};

/**
 * The beginnings of the lines of a text in paragraphs, by what begins there: a heading, a paragraph, an item of a
 * list, fenced code, or just the next line.
 */
export function proseBoundaries(text: string, rules: ProseRules): Boundaries {
  const boundaries = new Boundaries(text);
  const walk = new ProseWalk(text, rules);
  let line: Line | null = null;
  for (const next of walkLines(text)) {
    if (line !== null) boundaries.add(line.start, walk.costOf(line, next));
    line = next;
  }
  if (line !== null) boundaries.add(line.start, walk.costOf(line, null));
  return boundaries;
}

const fence = /^(?:`{3,}|~{3,})/;
const frontMatter = /^(?:---|\+\+\+)$/;
const thematicBreak = /^(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const item = /^(?:[-*+•]|\d{1,9}[.)])(?=[ \t])/;
const tableRule = /^\|[ \t]*:?-{2,}[-:| \t]*$/;

class ProseWalk {
  readonly #text: string;
  readonly #rules: ProseRules;
  #previous: Line | null = null;
  #isAfterHeading = false;
  /** Where the line begins that underlines a heading. */
  #underline = -1;
  /** What ends the fenced code or front matter that the line is in. */
  #fence: string | null = null;

  constructor(text: string, rules: ProseRules) {
    this.#text = text;
    this.#rules = rules;
  }

  /** What it costs to cut before the line. */
  costOf(line: Line, next: Line | null): number {
    const cost = this.#fence === null ? this.#costOutside(line, next) : this.#costInFence(line);
    this.#previous = line;
    return cost;
  }

  #costInFence(line: Line): number {
    const { end, content } = line;
    const isEnd = this.#text.startsWith(this.#fence!, content) && this.#isMadeOf(this.#text[content]!, line);
    if (isEnd && end > content) {
      this.#fence = null;
      return costs.orphan;
    }
    return line.isAfterBlank ? costs.fencedBlock : costs.fencedLine;
  }

  #costOutside(line: Line, next: Line | null): number {
    const isAfterHeading = this.#isAfterHeading;
    if (line.start === this.#underline) return costs.orphan + 8;
    const level = this.#headingLevel(line, next);
    this.#isAfterHeading = level > 0;
    const cost = level > 0 ? level - 1 : this.#textCost(line);
    return isAfterHeading ? Math.max(cost, costs.orphan) : cost;
  }

  /** 1 to 6, and 0 for what is no heading. */
  #headingLevel(line: Line, next: Line | null): number {
    if (line.indent > 3) return 0;
    const { heading } = this.#rules;
    const mark = heading === null ? null : heading.expression.exec(line.head);
    if (heading !== null && mark !== null) return heading.levelOf(mark[0]);
    return next === null ? 0 : this.#underlinedLevel(line, next);
  }

  #underlinedLevel(line: Line, next: Line): number {
    const isParagraph = this.#previous === null || line.isAfterBlank || this.#isAfterHeading;
    const mark = this.#text[next.content]!;
    const level = this.#rules.underlines[mark];
    if (level === undefined || !isParagraph || next.isAfterBlank || next.indent > 3) return 0;
    if (!this.#isMadeOf(mark, next) || this.#startsBlock(line)) return 0;
    this.#underline = next.start;
    return level;
  }

  #startsBlock(line: Line): boolean {
    return [fence, item, thematicBreak].some((block) => block.test(line.head));
  }

  #isMadeOf(character: string, line: Line): boolean {
    for (let at = line.content; at < line.end; at++) if (this.#text[at] !== character) return false;
    return true;
  }

  #textCost(line: Line): number {
    if (this.#rules.isMarkdown) {
      const opened = this.#openedFence(line);
      if (opened !== null) {
        this.#fence = opened;
        return line.isAfterBlank && !this.#isIntroduced() ? costs.block : costs.introduced;
      }
    }
    if (thematicBreak.test(line.head)) return costs.thematicBreak;
    if (item.test(line.head)) {
      if (this.#isIntroduced()) return costs.introduced;
      return line.indent < 2 ? costs.item : Math.min(costs.nestedItem + line.indent, costs.fencedLine);
    }
    return this.#paragraphCost(line);
  }

  #paragraphCost(line: Line): number {
    const text = this.#text;
    if (line.isAfterBlank) return line.indent < 2 ? costs.block : costs.nestedItem;
    if (text[line.content] === "|") return tableRule.test(line.head) ? costs.orphan : costs.line;
    const previous = this.#previous;
    const isEnded = previous === null || endsSentence(text, previous.content, previous.end);
    return isEnded ? costs.line : costs.wrappedLine;
  }

  /** What will close the fence that the line opens. */
  #openedFence(line: Line): string | null {
    if (line.start === 0 && frontMatter.test(line.head)) return line.head;
    return fence.exec(line.head)?.[0] ?? null;
  }

  #isIntroduced(): boolean {
    return this.#previous !== null && this.#text[this.#previous.end - 1] === ":";
  }
}

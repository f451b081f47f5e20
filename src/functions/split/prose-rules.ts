/** How a format of prose marks its headings. */
export interface ProseRules {
  /** Fenced code and front matter are kept from being read as prose. */
  readonly isMarkdown: boolean;
  /** What a heading's line begins with, and its level from 1 to 6. */
  readonly heading: { readonly expression: RegExp; levelOf(mark: string): number } | null;
  /** The level, from 1 to 6, of a heading by the character that its next line is made of. */
  readonly underlines: Readonly<Record<string, number>>;
}

function byLength(expression: RegExp): ProseRules["heading"] {
  return { expression, levelOf: (mark) => Math.min(mark.length, 6) };
}

const noHeadings: ProseRules = { isMarkdown: false, heading: null, underlines: {} };

const latexLevels = ["part", "chapter", "section", "subsection", "subsubsection", "paragraph"];

/** The formats of prose that have rules of their own, by the name of the language. */
export const proseRules = {
  text: noHeadings,
  /** CommonMark 0.31: ATX and setext headings. */
  markdown: {
    isMarkdown: true,
    heading: byLength(/^#{1,6}(?=[ \t]|$)/),
    underlines: { "=": 1, "-": 2 },
  },
  asciidoc: { ...noHeadings, heading: byLength(/^={1,6}(?=[ \t])/) },
  mediawiki: { ...noHeadings, heading: byLength(/^={1,6}(?=[^=])/) },
  org: { ...noHeadings, heading: byLength(/^\*{1,6}(?=[ \t])/) },
  /** The order that the guide of Python's documentation gives its underlines. */
  restructuredtext: {
    ...noHeadings,
    underlines: { "#": 1, "*": 2, "=": 3, "-": 4, "~": 5, "^": 5, '"': 6 },
  },
  latex: {
    ...noHeadings,
    heading: {
      expression: /^\\(?:part|chapter|(?:sub){0,2}section|paragraph)(?=\*?\{)/,
      levelOf: (mark) => latexLevels.indexOf(mark.slice(1)) + 1,
    },
  },
} satisfies Record<string, ProseRules>;

import { z } from "zod";
import { defineFunction } from "../../contracts/define-function.ts";
import type { FunctionUse } from "../../contracts/function.ts";
import { optionalPackage } from "../../contracts/optional-package.ts";

/** What becomes of HTML beside its text. */
export interface HtmlToTextOptions {
  /** Keep the addresses of links, in brackets behind their text. Default false. */
  readonly links?: boolean;
  /** What addresses of links are relative to. */
  readonly baseUrl?: string;
  /** CSS selectors of what is to be taken, such as `["main", "article"]`; the whole where none of them is there. */
  readonly only?: readonly string[];
  /** CSS selectors of what is to be left out, such as `["nav", "footer"]`. */
  readonly without?: readonly string[];
}

const specSchema = z.strictObject({
  links: z.boolean().default(false),
  baseUrl: z.url().optional(),
  only: z.array(z.string().min(1)).optional(),
  without: z.array(z.string().min(1)).default([]),
});

const toText = defineFunction({
  name: "htmlToText",
  // Of the function, and of the library's major version.
  version: "1, html-to-text 10",
  spec: specSchema,
  input: { text: z.string() },
  output: z.string(),
  async prepare(spec) {
    const { compile } = await optionalPackage("html-to-text", () => import("html-to-text"));
    return compile(conversion(spec));
  },
  run: ({ text }, { prepared }) => prepared(text),
});

/**
 * Takes the text out of HTML: paragraphs, headings, lists and tables as lines, without scripts, styles, images and
 * addresses of links. By `html-to-text`, which has to be installed.
 *
 * @example
 * page.html.transform(htmlToText({ only: ["main"], without: ["nav"] }));
 *
 * @throws SluiceError `spec-invalid`; for an update `package-missing`
 */
export function htmlToText(options: HtmlToTextOptions = {}): FunctionUse<{ text: z.ZodString }, z.ZodString> {
  return toText(options as z.input<typeof specSchema>);
}

function conversion({ links, baseUrl, only, without }: z.output<typeof specSchema>) {
  const headings = ["h1", "h2", "h3", "h4", "h5", "h6"];
  return {
    wordwrap: false as const,
    ...(only === undefined ? {} : { baseElements: { selectors: only } }),
    selectors: [
      { selector: "a", options: { ignoreHref: !links, ...rewriting(baseUrl) } },
      { selector: "img", format: "skip" },
      // In capitals, as the library has them by default, words are other words.
      ...headings.map((selector) => ({ selector, options: { uppercase: false } })),
      { selector: "table", format: "dataTable", options: { uppercaseHeaderCells: false } },
      ...without.map((selector) => ({ selector, format: "skip" })),
    ],
  };
}

/** The library's own `baseUrl` is put before what begins with a slash, and before nothing else. */
function rewriting(baseUrl: string | undefined) {
  if (baseUrl === undefined) return {};
  return {
    pathRewrite: (path: string) => (URL.canParse(path, baseUrl) ? new URL(path, baseUrl).href : path),
  };
}

import { z } from "zod";
import { defineFunction } from "../../contracts/define-function.ts";
import type { FunctionUse } from "../../contracts/function.ts";
import { optionalPackage } from "../../contracts/optional-package.ts";
import { messageOf, SluiceError } from "../../errors/index.ts";
import { bytes, type SluiceSchema, table } from "../../values/index.ts";

// Of the functions, and of the library's major version.
const version = "1, unpdf 1";

/** How the text of a PDF is put together. */
export interface PdfToTextOptions {
  /** What stands between pages. Default: an empty line. */
  readonly separator?: string;
}

const joined = defineFunction({
  name: "pdfToText",
  version,
  spec: z.strictObject({ separator: z.string().default("\n\n") }),
  input: { data: bytes() },
  output: z.string(),
  prepare: (spec) => spec,
  async run({ data }, { prepared }) {
    const pages = await textsOfPages(data);
    return pages.join(prepared.separator);
  },
});

/**
 * Takes the text out of a PDF. One that is pictures of pages has none, and becomes empty text. By `unpdf`, which has to
 * be installed.
 *
 * @example
 * file.content.transform(pdfToText()); // of localFiles({ path: "papers", binary: true })
 *
 * @throws SluiceError `spec-invalid`; for a row `content-invalid`, for an update `package-missing`
 */
export function pdfToText(
  options: PdfToTextOptions = {},
): FunctionUse<{ data: SluiceSchema<Uint8Array> }, z.ZodString> {
  return joined(options);
}

/**
 * Takes the text out of a PDF page by page, as a table of `page`, counted from 1, and `text`. Otherwise as
 * {@link pdfToText}.
 *
 * @example
 * file.content.transform(pdfPages).forEachRow((page) => out.collect({ file: file.filename, page: page.page }));
 *
 * @throws SluiceError for a row `content-invalid`, for an update `package-missing`
 */
export const pdfPages = defineFunction({
  name: "pdfPages",
  version,
  input: { data: bytes() },
  output: table(z.object({ page: z.int(), text: z.string() }), { key: ["page"] }),
  async run({ data }) {
    const pages = await textsOfPages(data);
    return pages.map((text, i) => ({ page: i + 1, text }));
  },
});

async function textsOfPages(data: Uint8Array): Promise<readonly string[]> {
  const { extractText, getDocumentProxy } = await optionalPackage("unpdf", () => import("unpdf"));
  try {
    // What it is given it takes for its own: other steps have the same bytes.
    const document = await getDocumentProxy(data.slice(), { verbosity: 0 });
    try {
      const { text } = await extractText(document, { mergePages: false });
      return text.map((page) => page.trim());
    } finally {
      await document.destroy();
    }
  } catch (cause) {
    throw new SluiceError("content-invalid", `no PDF that can be read: ${messageOf(cause)}`, { cause });
  }
}

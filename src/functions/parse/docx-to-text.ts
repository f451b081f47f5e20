import { z } from "zod";
import { defineFunction } from "../../contracts/define-function.ts";
import { optionalPackage } from "../../contracts/optional-package.ts";
import { messageOf, SluiceError } from "../../errors/index.ts";
import { bytes } from "../../values/index.ts";

/**
 * Takes the text out of a Word file (`.docx`): its paragraphs, with an empty line between. By `mammoth`, which has to
 * be installed.
 *
 * @example
 * file.content.transform(docxToText); // of localFiles({ path: "letters", binary: true })
 *
 * @throws SluiceError for a row `content-invalid`, for an update `package-missing`
 */
export const docxToText = defineFunction({
  name: "docxToText",
  // Of the function, and of the library's major version.
  version: "1, mammoth 1",
  input: { data: bytes() },
  output: z.string(),
  async run({ data }) {
    const { default: mammoth } = await optionalPackage("mammoth", () => import("mammoth"));
    try {
      const { value } = await mammoth.extractRawText({ buffer: Buffer.from(data) });
      return value.trim();
    } catch (cause) {
      throw new SluiceError("content-invalid", `no Word file that can be read: ${messageOf(cause)}`, {
        cause,
      });
    }
  },
});

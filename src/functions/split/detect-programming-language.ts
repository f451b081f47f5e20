import { z } from "zod";
import { defineFunction } from "../../contracts/define-function.ts";
import { findLanguageOfFile } from "./find-language.ts";

/**
 * The language or format of a file by its name: `src/app.ts` is `typescript`, `Dockerfile` is `dockerfile`, and what
 * is not known is null. The name may be a path. What it yields is what `splitRecursively` takes as `language`.
 *
 * Names, extensions and whole names of files (more than a hundred languages) are those of GitHub Linguist, in lower
 * case. Of an extension that several languages share, the most used one has it: `.h` is `c`, `.m` is `objective-c`.
 *
 * @example
 * const language = file.filename.transform(detectProgrammingLanguage);
 * const chunks = file.content.transform(splitRecursively, { chunkSize: 2000, language });
 */
export const detectProgrammingLanguage = defineFunction({
  name: "detectProgrammingLanguage",
  version: 1,
  input: { filename: z.string() },
  output: z.string().nullable(),
  run: ({ filename }) => findLanguageOfFile(filename)?.name ?? null,
});

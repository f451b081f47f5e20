import { z } from "zod";
import { defineFunction } from "../../contracts/define-function.ts";
import { type Chunk, chunkTable } from "./chunk.ts";
import { codeBoundaries } from "./code-boundaries.ts";
import { type CodeRules, codeRules } from "./code-rules.ts";
import { findLanguage } from "./find-language.ts";
import { collectedGrammars, Grammars, installedPackages, type ParseText } from "./grammars.ts";
import type { LanguageInfo } from "./languages.ts";
import { proseBoundaries } from "./prose-boundaries.ts";
import { proseRules } from "./prose-rules.ts";
import { compileSeparators, separator, separatorBoundaries } from "./separators.ts";
import { type ChunkSizes, type FindBoundaries, splitText } from "./split-text.ts";
import { syntaxBoundaries } from "./syntax-boundaries.ts";

const customLanguage = z.object({
  language: z.string(),
  aliases: z.array(z.string()).default([]),
  separators: z.array(separator).min(1),
});

type CustomLanguage = z.output<typeof customLanguage>;

/**
 * Splits a text into chunks of at most `chunkSize` bytes of UTF-8, at the places that part least of what belongs
 * together, and yields a table of {@link Chunk}s that are known by their `location`.
 *
 * | input | |
 * | --- | --- |
 * | `text` | what is split; the slice goes here |
 * | `chunkSize` | the most bytes of a chunk, its overlap included |
 * | `minChunkSize` | the fewest bytes that are wanted of a chunk without its overlap; half of what a chunk holds beside its overlap where it is left out |
 * | `chunkOverlap` | how many bytes earlier, at most, a chunk begins than the one before ends; 0 where it is left out |
 * | `language` | a name, an alias or an extension, in any case: `"markdown"`, `"ts"`, `".py"`; what `detectProgrammingLanguage` yields. Plain text where it is null, left out or unknown |
 * | `customLanguages` | languages of your own, which go before those that are known: `{ language, aliases?, separators }`, the separators as sources of regular expressions (flags `gmu`), the highest first. A match that begins with line breaks is cut behind these, any other behind it |
 *
 * A chunk is larger only where it is one code point, or one `\r\n`, that is larger than `chunkSize`. Without overlap,
 * the texts of the chunks put together in order are the text: nothing is trimmed. `location` is the pair of
 * `start.offset` and `end.offset`, bytes of UTF-8; lines and columns count from 1, columns in code points.
 *
 * Markdown and other prose is cut at headings by their level, then between paragraphs and items of lists, sentences
 * and words; fenced code is kept whole where it fits. Code is cut by its syntax tree where `web-tree-sitter` and a
 * grammar are installed (`@vscode/tree-sitter-wasm`, or the `.wasm` of a single `tree-sitter-…` package), and else by
 * how its lines begin and are indented; so is code of more than a million characters, and such as takes the
 * parser too much work. That a grammar is missing is said once an update; one that is installed later changes no chunks
 * before the rows are processed again.
 *
 * Of all ways to cut, the one is taken that costs least together: few chunks, few below `minChunkSize`, cuts at high
 * places. That is a shortest path over the places, found in time linear in the text, see {@link chooseCuts}.
 *
 * @example
 * doc.content.transform(splitRecursively, { chunkSize: 2000, chunkOverlap: 500, language: "markdown" })
 *   .forEachRow((chunk) => {
 *     chunks.collect({ file: doc.filename, location: chunk.location, text: chunk.text, line: chunk.start.line });
 *   });
 *
 * @throws SluiceError `option-invalid` where `chunkOverlap` is not below `chunkSize`, or `minChunkSize` is above what
 * the overlap leaves; `argument-invalid` when the flow is defined, for constants that can never be right
 */
export const splitRecursively = recursiveSplitter(new Grammars(installedPackages));

/** The function with its own grammars. */
export function recursiveSplitter(grammars: Grammars) {
  return defineFunction({
    name: "splitRecursively",
    version: 1,
    input: {
      text: z.string(),
      chunkSize: z.int().min(1),
      minChunkSize: z.int().min(0).nullable().default(null),
      chunkOverlap: z.int().min(0).default(0),
      language: z.string().nullable().default(null),
      customLanguages: z.array(customLanguage).default([]),
    },
    output: chunkTable,
    async run({ text, language, customLanguages, ...sizes }, context): Promise<Chunk[]> {
      const custom = findCustomLanguage(customLanguages, language);
      if (custom !== null) return splitText(text, sizes, bySeparators(custom));
      const known = language === null ? null : findLanguage(language);
      return splitAsLanguage(text, sizes, { language: known, grammars, notice: context.notice });
    },
  });
}

function findCustomLanguage(
  languages: readonly CustomLanguage[],
  name: string | null,
): CustomLanguage | null {
  if (name === null) return null;
  const wanted = name.toLowerCase();
  const found = languages.find(({ language, aliases }) =>
    [language, ...aliases].some((candidate) => candidate.toLowerCase() === wanted),
  );
  return found ?? null;
}

function bySeparators({ separators }: CustomLanguage): FindBoundaries {
  const expressions = separators.map((source) => compileSeparators("splitRecursively", [source]));
  return (text) => ({ boundaries: separatorBoundaries(text, expressions), kind: "prose" });
}

interface LanguageSplit {
  readonly language: LanguageInfo | null;
  readonly grammars: Grammars;
  notice(message: string): void;
}

const missingGrammar =
  "code is split by rules instead of its syntax, since no grammar is installed. " +
  "Install them with: npm install web-tree-sitter @vscode/tree-sitter-wasm";

async function splitAsLanguage(
  text: string,
  sizes: ChunkSizes,
  { language, grammars, notice }: LanguageSplit,
): Promise<Chunk[]> {
  const grammar = language?.grammar ?? null;
  const isSplit = Buffer.byteLength(text) > sizes.chunkSize;
  const parse = grammar === null || !isSplit ? null : await grammars.find(grammar);
  if (grammar !== null && isSplit && parse === null && collectedGrammars.has(grammar)) notice(missingGrammar);
  return splitText(text, sizes, (whole, wanted) => {
    const syntax = parse === null ? null : bySyntax(parse)(whole, wanted);
    return syntax ?? byRules(language?.rules ?? "text")(whole, wanted);
  });
}

/** Null where the parser gives up. */
function bySyntax(
  parse: ParseText,
): (...args: Parameters<FindBoundaries>) => ReturnType<FindBoundaries> | null {
  return (text, wanted) => {
    const tree = parse(text);
    if (tree === null) return null;
    try {
      return { boundaries: syntaxBoundaries(text, tree, wanted), kind: "code" };
    } finally {
      tree.delete();
    }
  };
}

function byRules(name: LanguageInfo["rules"]): FindBoundaries {
  if (name in proseRules) {
    const rules = proseRules[name as keyof typeof proseRules];
    return (text) => ({ boundaries: proseBoundaries(text, rules), kind: "prose" });
  }
  const rules: CodeRules = codeRules[name as keyof typeof codeRules];
  return (text) => ({ boundaries: codeBoundaries(text, rules), kind: "code" });
}

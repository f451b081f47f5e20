import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Parser, Tree } from "web-tree-sitter";
import { optionalPackage } from "../../contracts/optional-package.ts";
import { isSluiceError } from "../../errors/index.ts";

/** Where parsers and grammars come from. */
export interface GrammarPackages {
  importParser(): Promise<typeof import("web-tree-sitter")>;
  /** The path of a file of an installed package; null where it is not there. */
  find(file: string): string | null;
}

const requireHere = createRequire(import.meta.url);

/** What is installed beside Sluice. */
export const installedPackages: GrammarPackages = {
  importParser: () => optionalPackage("web-tree-sitter", () => import("web-tree-sitter")),
  find(file) {
    try {
      return requireHere.resolve(file);
    } catch {
      return null;
    }
  },
};

/** Parses the text, or yields null where that takes too many steps. The caller deletes the tree. */
export type ParseText = (text: string) => Tree | null;

/** Grammars, each loaded when it is first asked for and kept, as is what is found to be missing. */
export class Grammars {
  readonly #packages: GrammarPackages;
  readonly #effort: number;
  readonly #parsers = new Map<string, Promise<ParseText | null>>();
  #library: Promise<typeof import("web-tree-sitter") | null> | null = null;

  /** The effort is what share of the work that is usually allowed a parse may take. */
  constructor(packages: GrammarPackages, { effort = 0.5 }: { readonly effort?: number } = {}) {
    this.#packages = packages;
    this.#effort = effort;
  }

  /** Null where no installed package has it, or none that fits. */
  async find(grammar: string): Promise<ParseText | null> {
    let parser = this.#parsers.get(grammar);
    if (parser === undefined) {
      parser = this.#load(grammar);
      this.#parsers.set(grammar, parser);
    }
    return parser;
  }

  async #load(grammar: string): Promise<ParseText | null> {
    const paths = grammarFiles(grammar).flatMap((file) => this.#packages.find(file) ?? []);
    if (paths.length === 0) return null;
    this.#library ??= this.#loadLibrary();
    const library = await this.#library;
    if (library === null) return null;
    for (const path of paths) {
      const parser = await openParser(library, path);
      if (parser !== null) return (text) => parseWithin(parser, text, this.#effort);
    }
    return null;
  }

  async #loadLibrary(): Promise<typeof import("web-tree-sitter") | null> {
    try {
      const library = await this.#packages.importParser();
      await library.Parser.init();
      return library;
    } catch (error) {
      if (isSluiceError(error) && error.code === "package-missing") return null;
      throw error;
    }
  }
}

/** The grammars that @vscode/tree-sitter-wasm brings. */
export const collectedGrammars: ReadonlySet<string> = new Set([
  "bash",
  "c-sharp",
  "cpp",
  "css",
  "go",
  "ini",
  "java",
  "javascript",
  "php",
  "powershell",
  "python",
  "ruby",
  "rust",
  "tsx",
  "typescript",
]);

/** A package of the language's own goes before the collection. */
function grammarFiles(grammar: string): readonly string[] {
  const owner = packagesOfSeveral[grammar] ?? grammar;
  return [
    `tree-sitter-${owner}/tree-sitter-${grammar.replace("-", "_")}.wasm`,
    `tree-sitter-${owner}/tree-sitter-${grammar}.wasm`,
    `@vscode/tree-sitter-wasm/wasm/tree-sitter-${grammar}.wasm`,
  ];
}

const packagesOfSeveral: Readonly<Record<string, string>> = { tsx: "typescript" };

/** Null for a grammar that was made for another version of the parser. */
async function openParser(library: typeof import("web-tree-sitter"), path: string): Promise<Parser | null> {
  try {
    const language = await library.Language.load(await readFile(path));
    return new library.Parser().setLanguage(language);
  } catch {
    return null;
  }
}

/** Longer texts are not parsed: a tree takes many times the memory of its text. */
const maxParsedUnits = 1_000_000;

/** How much of a text the parser is given at a time. */
const readUnits = 2000;

/**
 * Bounds the work of a parse: grammars with scanners of their own can be quadratic, as that of Bash is for here
 * documents without an end. Counted are the parser's reports, one for every hundred operations, and how often it reads
 * the text again, rather than time, so that equal texts are split alike on every machine. Code of all languages takes
 * a tenth of this, whatever its errors.
 */
function parseWithin(parser: Parser, text: string, effort: number): Tree | null {
  if (text.length > maxParsedUnits) return null;
  let reports = effort * (2000 + text.length);
  let units = effort * (100_000 + 16 * text.length);
  const isOver = (): boolean => reports < 0 || units < 0;
  const read = (index: number): string | undefined => {
    units -= readUnits;
    // At its end, a parser that goes back and forth stops.
    return isOver() ? undefined : text.slice(index, index + readUnits);
  };
  const progressCallback = (): boolean => {
    reports--;
    return isOver();
  };
  const tree = parser.parse(read, null, { progressCallback });
  if (tree !== null && !isOver()) return tree;
  tree?.delete();
  parser.reset();
  return null;
}

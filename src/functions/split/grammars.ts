import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { optionalPackage } from "../../contracts/optional-package.ts";
import { isSluiceError } from "../../errors/index.ts";
import type { SyntaxParser, SyntaxTree } from "./syntax-tree.ts";

/** Where parsers and grammars come from. */
export interface GrammarPackages {
  /** @throws SluiceError `package-missing` */
  importParser(): Promise<OpenParser>;
  /** The path of a file of an installed package; null where it is not there. */
  readonly find: (file: string) => string | null;
  /** The directory of @vscode/tree-sitter-wasm; null where it is not installed. */
  readonly findCollection: () => string | null;
}

/** A parser of the grammar that a `.wasm` file holds; throws for one that was made for another version. */
export type OpenParser = (grammar: Uint8Array) => Promise<SyntaxParser>;

/** What is installed beside Sluice. */
export const installedPackages: GrammarPackages = {
  async importParser() {
    const { Language, Parser } = await optionalPackage("web-tree-sitter", () => import("web-tree-sitter"));
    await Parser.init();
    return async (grammar) => new Parser().setLanguage(await Language.load(grammar));
  },
  find: (file) => pathOf(() => import.meta.resolve(file)),
  findCollection() {
    const manifest = pathOf(() => import.meta.resolve("@vscode/tree-sitter-wasm/package.json"));
    return manifest === null ? null : dirname(manifest);
  },
};

function pathOf(resolve: () => string): string | null {
  try {
    const path = fileURLToPath(resolve());
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

/** Parses the text, or yields null where that takes too many steps. The caller deletes the tree. */
export type ParseText = (text: string) => SyntaxTree | null;

/** Grammars, each loaded when it is first asked for and kept, as is what is found to be missing. */
export class Grammars {
  readonly #packages: GrammarPackages;
  readonly #effort: number;
  readonly #parsers = new Map<string, Promise<ParseText | null>>();
  #opener: Promise<OpenParser | null> | null = null;

  /** `effort` is how much work a parse may take: 1 is what all sensible code stays far below. */
  constructor(packages: GrammarPackages, { effort = 1 }: { readonly effort?: number } = {}) {
    this.#packages = packages;
    this.#effort = effort;
  }

  /** Null where no installed package has it, or none that fits. */
  async find(grammar: string): Promise<ParseText | null> {
    const known = this.#parsers.get(grammar);
    if (known !== undefined) return known;
    const parser = this.#load(grammar);
    this.#parsers.set(grammar, parser);
    // A file that could not be read this time is tried again.
    parser.catch(() => this.#parsers.delete(grammar));
    return parser;
  }

  async #load(grammar: string): Promise<ParseText | null> {
    const paths = findGrammar(this.#packages, grammar);
    if (paths.length === 0) return null;
    this.#opener ??= this.#importParser().catch((error) => {
      this.#opener = null;
      throw error;
    });
    const open = await this.#opener;
    if (open === null) return null;
    for (const path of paths) {
      const parser = await openGrammar(open, path);
      if (parser !== null) return (text) => parseWithin(parser, text, this.#effort);
    }
    return null;
  }

  async #importParser(): Promise<OpenParser | null> {
    try {
      return await this.#packages.importParser();
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

/** The files that hold a grammar: a package of the language's own goes before the collection. */
function findGrammar(packages: GrammarPackages, grammar: string): readonly string[] {
  const owner = `tree-sitter-${packagesOfSeveral[grammar] ?? grammar}`;
  const file = `tree-sitter-${grammar.replace("-", "_")}.wasm`;
  const own = [`${owner}/${file}`, `@tree-sitter-grammars/${owner}/${file}`].map(packages.find);
  const collection = collectedGrammars.has(grammar) ? packages.findCollection() : null;
  const collected = collection === null ? null : join(collection, "wasm", `tree-sitter-${grammar}.wasm`);
  return [...own, collected].filter((path) => path !== null);
}

const packagesOfSeveral: Readonly<Record<string, string>> = { tsx: "typescript" };

/** Null for a grammar that was made for another version of the parser. */
async function openGrammar(open: OpenParser, path: string): Promise<SyntaxParser | null> {
  const grammar = await readFile(path);
  try {
    return await open(grammar);
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
function parseWithin(parser: SyntaxParser, text: string, effort: number): SyntaxTree | null {
  if (text.length > maxParsedUnits) return null;
  let reports = effort * (1000 + text.length / 2);
  let units = effort * (50_000 + 8 * text.length);
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

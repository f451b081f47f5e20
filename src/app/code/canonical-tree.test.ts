import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "@babel/parser";
import fc from "fast-check";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { canonicalTree } from "./canonical-tree.ts";
import { parseSource } from "./parse-source.ts";

const here = dirname(fileURLToPath(import.meta.url));

function canonical(text: string, path = "a.ts"): string {
  return canonicalTree(parseSource(path, text).program, () => null);
}

/** Every other file of this package's own code, as a sample of real code. */
const sample = readdirSync(resolve(here, "..", ".."), { recursive: true, encoding: "utf8" })
  .filter((name) => /(?<!\.test|\.d)\.ts$/.test(name))
  .filter((_name, at) => at % 2 === 0)
  .map((name) => ({ name, text: readFileSync(join(here, "..", "..", name), "utf8") }));

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
};

describe("real code", () => {
  it.each(sample)("$name: what TypeScript prints is the same", ({ text }) => {
    const file = ts.createSourceFile("a.ts", text, ts.ScriptTarget.ESNext);
    const printer = ts.createPrinter({
      removeComments: true,
      newLine: ts.NewLineKind.CarriageReturnLineFeed,
    });
    expect(canonical(printer.printFile(file))).toBe(canonical(text));
  });

  it.each(sample)("$name: what TypeScript makes of it as JavaScript is the same", ({ text }) => {
    const { outputText } = ts.transpileModule(text, { compilerOptions });
    expect(canonical(outputText, "a.js")).toBe(canonical(text));
  });
});

const code = String.raw`
import { defineFunction, type Unused } from "sluice";
enum Level { Low = 1, High = Low << 2 }
abstract class Base<T> { abstract go(): T; static #count = 0x10; declare note: string; @tag() x?: number = 1_000; }
class Reader extends Base<string> {
  constructor(private readonly text: string, public level: Level = Level.Low) { super(); }
  override go(): string { return this.text?.trim()! + (this.level as number) ** 2; }
  get [Symbol.iterator]() { return function* (this: Reader) { yield* [...this.text]; }; }
}
export const f = defineFunction({
  name: 'f',
  run: async ({ text, ...rest }: { text: string }) => {
    const a = text.replace(/a\/[/]b/giu, "it's \n"), b = [1, , 2.50, 0b11, 10n];
    label: for (let i = 0, n = b.length; i < n; i++) { if (i % 2) continue label; else break; }
    for await (const x of gen(rest)) try { await x; } catch { throw new Error("no"); } finally { a; }
    return <any>a satisfies unknown ?? { a, "b": b, 'c-d': typeof b, get e() { return -1; }, [a]: new Reader(a) };
  },
});
do { g(); } while (false)
function gen<T extends {}>(x: T): AsyncIterable<T> { return x as never; }
`;

const tokens = tokensOf(code);
const gaps = fc.array(fc.constantFrom("", " ", "\t  ", "/* c */", " /* 'x' ( */ ", "// line\n", "\n\n"), {
  minLength: tokens.length,
  maxLength: tokens.length,
});

describe("random layouts", () => {
  it("change nothing", () => {
    const expected = canonical(code);
    fc.assert(
      fc.property(gaps, fc.boolean(), (between, swapQuotes) => {
        expect(canonical(layOut(between, swapQuotes))).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });

  it("are told from any change of a token that means something", () => {
    const expected = canonical(code);
    const edits = tokens.flatMap(({ text }, index) => {
      const edited = /^\d+$/.test(text) ? `7${text}` : /^(text|level|a|b|f)$/.test(text) ? `${text}Z` : null;
      return edited === null || isTyped(index) ? [] : [{ index, edited }];
    });
    expect(edits.length).toBeGreaterThan(15);
    for (const { index, edited } of edits) {
      const changed = tokens.map((token, at) => token.before + (at === index ? edited : token.text)).join("");
      expect(canonical(changed), changed).not.toBe(expected);
    }
  });
});

interface Token {
  readonly before: string;
  readonly text: string;
}

function tokensOf(text: string): Token[] {
  const file = parse(text, { sourceType: "module", plugins: ["typescript", "decorators"], tokens: true });
  const found: Token[] = [];
  let end = 0;
  for (const token of file.tokens as { start: number; end: number; type: unknown }[]) {
    if (typeof token.type === "string") continue;
    found.push({ before: text.slice(end, token.start), text: text.slice(token.start, token.end) });
    end = token.end;
  }
  return found;
}

/** A member of a type literal, which does not count. */
function isTyped(index: number): boolean {
  return (
    tokens[index + 1]?.text === ":" && tokens[index + 2]?.text === "string" && tokens[index - 1]?.text === "{"
  );
}

function layOut(between: readonly string[], swapQuotes: boolean): string {
  return tokens
    .map(({ before, text }, index) => {
      const gap = between[index] ?? "";
      // A line may only break where it broke before: a break can end a statement.
      const mayBreak = before.includes("\n") || !gap.includes("\n");
      // The # of a private name is a token, but stands close to the name.
      const added = mayBreak && tokens[index - 1]?.text !== "#" ? gap : "";
      const isText = swapQuotes && /^'[^'"]*'$|^"[^'"]*"$/.test(text);
      const swapped = text.startsWith("'") ? `"${text.slice(1, -1)}"` : `'${text.slice(1, -1)}'`;
      return before + added + (isText ? swapped : text);
    })
    .join("");
}

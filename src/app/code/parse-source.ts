import { createRequire } from "node:module";
import type { ParserOptions, ParserPlugin } from "@babel/parser";
import { messageOf } from "../../errors/index.ts";
import { fingerprint } from "../../values/fingerprint.ts";
import { stripTypes } from "./strip-types.ts";
import { isNode, type SyntaxNode } from "./syntax-node.ts";
import { noCache, type TreeCache } from "./tree-cache.ts";
import { Untraceable } from "./untraceable.ts";

export interface ParsedSource {
  /** Without types. */
  readonly program: SyntaxNode;
  /** False for CommonJS and for scripts. */
  readonly isModule: boolean;
}

/** The two exclude each other, and nothing in a file says which it has. */
const decoratorKinds = ["decorators", "decorators-legacy"] as const;

/** What a tree does without: how something was written. */
const leftOut = ["extra", "errors", "tokens", "comments"];

// Loaded when the first function without a version is met: it costs more than everything else here together.
const load = createRequire(import.meta.url);

/** Parses TypeScript or JavaScript, told by the extension of `path`, and takes the types out. */
export function parseSource(path: string, text: string, cache: TreeCache = noCache): ParsedSource {
  const program = parseProgram(path, text, cache);
  const body = program.body as readonly SyntaxNode[];
  const isModule = body.some((item) => /^(Import|Export|TSExport|TSImportEquals)/.test(item.type));
  return { program: stripTypes(program) ?? program, isModule };
}

/** Parses JSON with comments and trailing commas, as in tsconfig.json. */
export function parseLooseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseJsonAsCode(text);
  }
}

function parseJsonAsCode(text: string): unknown {
  const { parseExpression } = load("@babel/parser") as typeof import("@babel/parser");
  return literalValue(parseExpression(text, { attachComment: false }) as unknown);
}

function parseProgram(path: string, text: string, cache: TreeCache): SyntaxNode {
  const digest = digestOf(path, text);
  let json = cache.read(path, digest);
  if (json === null) {
    json = JSON.stringify(parseAnew(path, text), leaveOut);
    cache.write(path, digest, json);
  }
  // Of the JSON in either case, so that a tree is the same wherever it comes from.
  return JSON.parse(json) as SyntaxNode;
}

/** A digest of all that a tree is made of. */
function digestOf(path: string, text: string): string {
  const { version } = load("@babel/parser/package.json") as { readonly version: string };
  const options = decoratorKinds.map((decorators) => optionsFor(path, decorators));
  return fingerprint(JSON.stringify([version, leftOut, options, text]));
}

function parseAnew(path: string, text: string): unknown {
  const { parse } = load("@babel/parser") as typeof import("@babel/parser");
  let first: unknown;
  for (const decorators of decoratorKinds) {
    try {
      return parse(text, optionsFor(path, decorators)).program;
    } catch (error) {
      first ??= error;
    }
  }
  throw new Untraceable(`${path} cannot be parsed: ${messageOf(first)}`, { cause: first });
}

function leaveOut(key: string, value: unknown): unknown {
  if (leftOut.includes(key)) return undefined;
  if (key !== "loc") return value;
  const { line, column } = (value as SyntaxNode["loc"]).start;
  return { start: { line, column } };
}

function optionsFor(path: string, decorators: "decorators" | "decorators-legacy"): ParserOptions {
  const plugins: ParserPlugin[] = [decorators, "decoratorAutoAccessors", "explicitResourceManagement"];
  if (/\.[cm]?tsx?$/.test(path)) plugins.push("typescript");
  if (!/\.[cm]?ts$/.test(path)) plugins.push("jsx");
  return {
    sourceType: /\.(c[jt]s|js)$/.test(path) ? "unambiguous" : "module",
    plugins,
    attachComment: false,
    allowUndeclaredExports: true,
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: !/\.c[jt]s$/.test(path),
    allowNewTargetOutsideFunction: true,
    allowSuperOutsideMethod: true,
  };
}

function literalValue(node: unknown): unknown {
  if (!isNode(node)) return undefined;
  if (node.type === "NullLiteral") return null;
  if (node.type === "ArrayExpression") return (node.elements as unknown[]).map(literalValue);
  if (node.type !== "ObjectExpression") return node.value;
  const properties = node.properties as readonly {
    key: { value?: string; name?: string };
    value: unknown;
  }[];
  return Object.fromEntries(properties.map(({ key, value }) => [key.value ?? key.name, literalValue(value)]));
}

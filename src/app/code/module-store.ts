import { readFileSync } from "node:fs";
import { type ModuleSyntax, readModuleSyntax } from "./module-syntax.ts";
import { type BuiltFile, fileStamp, openBuiltFile, realPath } from "./original-source.ts";
import { Untraceable } from "./untraceable.ts";

/** An original source file, wherever its text came from. */
export interface Module {
  readonly path: string;
  /** The built file through which it was found: it may hold the text of the modules around. */
  readonly built: BuiltFile | null;
  readonly syntax: ModuleSyntax;
}

/** An original file that has been found but not been read. */
export interface ModuleText {
  readonly path: string;
  readonly built: BuiltFile | null;
  /** Where the source map carries it. */
  readonly text: string | null;
}

/** A path of what can be parsed. */
export const codeFile = /\.[cm]?[jt]sx?$/;

/** For the life of the process, so that the functions of a file are parsed together. */
const parsed = new Map<string, { readonly stamp: string; readonly syntax: ModuleSyntax }>();

/** The modules of one digest: each path is read and parsed at most once. */
export class ModuleStore {
  private readonly opened = new Map<string, Module>();

  open(file: ModuleText): Module {
    const before = this.opened.get(file.path);
    if (before) return before;
    const syntax = parseOnce(file.path, file.text);
    const module: Module = { path: file.path, built: file.built, syntax };
    this.opened.set(file.path, module);
    return module;
  }
}

/** Reads a file of any kind, from the source map that carries it or from disk. */
export function readText(file: ModuleText): string {
  if (file.text !== null) return file.text;
  if (fileStamp(file.path) === null) throw new Untraceable(`${file.path} does not exist`);
  return readFileSync(file.path, "utf8");
}

/**
 * What a file on disk stands for: the file that it was built from where exactly one was and its text is to be
 * had, else itself.
 */
export function originalOf(path: string): ModuleText | null {
  if (fileStamp(path) === null) return null;
  const real = realPath(path);
  const built = openBuiltOrNull(real);
  const only = built?.sources.size === 1 ? [...built.sources][0] : undefined;
  const original = built && only ? sourceOf(built, only[0]) : null;
  return original ?? { path: real, built: null, text: null };
}

/** A source of a built file, from the map or from disk; null where neither has it. */
export function sourceOf(built: BuiltFile, path: string): ModuleText | null {
  const text = built.sources.get(path);
  if (text === undefined) return null;
  return text !== null || fileStamp(path) !== null ? { path, built, text } : null;
}

/** A module with a broken map still is what runs, under every loader. */
export function openBuiltOrNull(path: string): BuiltFile | null {
  try {
    return openBuiltFile(path);
  } catch (error) {
    if (error instanceof Untraceable) return null;
    throw error;
  }
}

function parseOnce(path: string, text: string | null): ModuleSyntax {
  const stamp = text === null ? `file:${fileStamp(path)}` : `text:${text}`;
  const before = parsed.get(path);
  if (before?.stamp === stamp) return before.syntax;
  const syntax = readModuleSyntax(path, text ?? readText({ path, text, built: null }));
  parsed.set(path, { stamp, syntax });
  return syntax;
}

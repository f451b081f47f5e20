import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** Directories that hold nothing written by hand. */
const generated = new Set(["node_modules", "dist", "coverage", ".git", ".sluice"]);

/** Every file below `directory`, as sorted paths with `/` that are relative to `root`. */
export function listFiles(root: string, directory = ""): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
    if (!entry.isDirectory()) found.push(path);
    else if (!generated.has(entry.name)) found.push(...listFiles(root, path));
  }
  return found.sort();
}

/**
 * The project's own files: tracked ones and those about to be. Where there is no repository, as in an
 * unpacked archive or a test, everything that is not generated.
 */
export function listProjectFiles(root: string): string[] {
  try {
    const inside = git(root, "rev-parse", "--show-prefix").trim();
    if (inside !== "") return listFiles(root);
    const listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard");
    const gone = new Set(git(root, "ls-files", "-z", "--deleted").split("\0"));
    const present = [...new Set(listed.split("\0"))].filter((path) => path !== "" && !gone.has(path));
    // A link to a directory is listed like a file.
    return present.filter((path) => lstatSync(join(root, path)).isFile()).sort();
  } catch {
    return listFiles(root);
  }
}

function git(root: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

/** A file read and parsed. */
export interface ParsedFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** Reads and parses a TypeScript file; throws when it cannot be read. */
export function parseFile(root: string, path: string): ParsedFile {
  const text = readFileSync(join(root, path), "utf8");
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** The line of a position, from 1. */
export function lineOf(tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}

/** Calls `visit` for the node and all below it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Test files take part in no promise that the package makes, so most rules treat them apart. */
export function isTestFile(path: string): boolean {
  return path.endsWith(".test.ts");
}

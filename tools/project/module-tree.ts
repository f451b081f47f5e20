import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "./finding.ts";
import { collectImports, type ModuleImport } from "./module-imports.ts";
import { type ResolvedModule, resolveModule } from "./resolve-module.ts";
import { listFiles, type ParsedFile, parseFile } from "./source-tree.ts";

export interface ResolvedImport extends ModuleImport {
  readonly target: ResolvedModule;
}

export interface SourceModule extends ParsedFile {
  readonly imports: readonly ResolvedImport[];
}

/** Every module below a directory with what it imports, and what stood in the way of knowing it. */
export interface ModuleTree {
  readonly modules: ReadonlyMap<string, SourceModule>;
  readonly findings: readonly Finding[];
}

/** Reads every module below `directory`. What it cannot read is a finding, never left out in silence. */
export function readModuleTree(root: string, directory: string): ModuleTree {
  const findings: Finding[] = [];
  const modules = new Map<string, SourceModule>();
  const own = listFiles(root, directory);
  // Tests beside the code share what stands in `test`, which is resolved but not read.
  const files = new Set([...own, ...(existsSync(join(root, "test")) ? listFiles(root, "test") : [])]);
  for (const path of own) {
    if (/\.([cm]js|jsx?|[cm]ts|tsx)$/.test(path)) {
      findings.push({
        rule: "unread",
        file: path,
        line: 1,
        message: "only .ts modules are read and allowed",
      });
    }
    if (!path.endsWith(".ts")) continue;
    try {
      const parsed = parseFile(root, path);
      const imports = collectImports(parsed.tree).map((one) => resolve(path, one, files));
      modules.set(path, { ...parsed, imports });
    } catch (error) {
      findings.push({ rule: "unread", file: path, line: 1, message: `cannot be read: ${String(error)}` });
    }
  }
  return { modules, findings: [...findings, ...countFindings(root, directory, modules.size)] };
}

function resolve(from: string, one: ModuleImport, files: ReadonlySet<string>): ResolvedImport {
  const target =
    one.specifier === null ? ({ kind: "nothing" } as const) : resolveModule(from, one.specifier, files);
  return { ...one, target };
}

/** Counts the files a second way, so that a fault of the reader cannot make a check green. */
function countFindings(root: string, directory: string, read: number): Finding[] {
  const listed = readdirSync(join(root, directory), { recursive: true, encoding: "utf8" });
  const expected = listed.filter((path) => path.endsWith(".ts")).length;
  if (read > 0 && read >= expected) return [];
  const message = `read ${read} of ${expected} .ts files`;
  return [{ rule: "files-read", file: directory, line: 1, message }];
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ExportTrace } from "../project/export-trace.ts";
import type { CheckResult, Finding } from "../project/finding.ts";
import { type ModuleTree, readModuleTree, type SourceModule } from "../project/module-tree.ts";
import { type PackageManifest, readManifest, sourceEntries, sourceOf } from "../project/package-manifest.ts";
import { isTestFile, walk } from "../project/source-tree.ts";
import { findUnusedDependencies } from "./find-unused-dependencies.ts";
import type { Unused } from "./unused.ts";

/** The file of what is unused for now, and may only shrink. */
export const awaitedFile = "tools/unused/awaited.json";

/**
 * Exports and modules of `src` that nothing published uses, and dependencies that nothing imports. A test is
 * no user: what only tests call is either dead or tested past the module's door.
 */
export function findUnused(root: string, awaited = readAwaited(root)): CheckResult {
  const tree = readModuleTree(root, "src");
  const unused = [...findUnusedInTree(root, tree), ...findUnusedDependencies(root)];
  const ids = new Set(unused.map(({ id }) => id));
  const stale = awaited.filter((id) => !ids.has(id)).map(staleFinding);
  const found = unused.filter(({ id }) => !awaited.includes(id)).map(({ finding }) => finding);
  return { findings: [...tree.findings, ...found, ...stale], filesRead: tree.modules.size };
}

/** The list as it would be without what is used by now. */
export function shrinkAwaited(root: string): string[] {
  const stale = new Set(
    findUnused(root)
      .findings.filter(({ rule }) => rule === "awaited")
      .map(({ message }) => message),
  );
  return readAwaited(root).filter((id) => !stale.has(staleFinding(id).message));
}

function staleFinding(id: string): Finding {
  const message = `${id} is used or gone: npm run unused -- --shrink takes it off the list`;
  return { rule: "awaited", file: awaitedFile, line: 1, message };
}

function readAwaited(root: string): string[] {
  return JSON.parse(readFileSync(join(root, awaitedFile), "utf8")) as string[];
}

/** What a child process starts with, which nobody imports. */
const spawned: readonly string[] = ["src/testing/store-child.ts"];

function findUnusedInTree(root: string, { modules }: ModuleTree): Unused[] {
  const manifest = readManifest(root);
  const entries = new Set([...sourceEntries(manifest).values(), ...binSources(manifest), ...spawned]);
  const trace = new ExportTrace(modules);
  const published = [...modules.values()].filter(({ path }) => !isTestFile(path));
  const { files, sites } = collectUses(published, trace, entries);
  const tested = collectUses(
    [...modules.values()].filter(({ path }) => isTestFile(path)),
    trace,
    new Set(),
  ).sites;
  // What declares a package for the compiler is imported by nobody.
  return published
    .filter(({ path }) => !entries.has(path) && !path.endsWith(".d.ts"))
    .flatMap((module) =>
      files.has(module.path) ? unusedExports(module, trace, { sites, tested }) : [unusedFile(module.path)],
    );
}

function binSources(manifest: PackageManifest): string[] {
  return Object.values(manifest.bin ?? {}).flatMap((path) => sourceOf(path) ?? []);
}

interface Uses {
  readonly files: Set<string>;
  /** `file#name`. */
  readonly sites: Set<string>;
}

function collectUses(
  published: readonly SourceModule[],
  trace: ExportTrace,
  entries: ReadonlySet<string>,
): Uses {
  const uses: Uses = { files: new Set(), sites: new Set() };
  const use = (file: string, name: string) => {
    for (const site of trace.follow(file, name)) uses.sites.add(`${site.file}#${site.exported.name}`);
  };
  for (const entry of entries) for (const name of trace.namesOf(entry)) use(entry, name);
  for (const module of published) {
    for (const { target, names, passesOn } of module.imports) {
      if (target.kind !== "file") continue;
      uses.files.add(target.path);
      // What is only passed on is used where somebody takes it.
      if (passesOn) continue;
      for (const name of names ?? trace.namesOf(target.path)) use(target.path, name);
    }
  }
  return uses;
}

function unusedFile(file: string): Unused {
  return { id: file, finding: { rule: "unused-file", file, line: 1, message: "is imported by no module" } };
}

interface Sites {
  readonly sites: ReadonlySet<string>;
  /** What only tests import. */
  readonly tested: ReadonlySet<string>;
}

function unusedExports(module: SourceModule, trace: ExportTrace, { sites, tested }: Sites): Unused[] {
  const testedPart = (name: string) => tested.has(`${module.path}#${name}`) && isMentioned(module.tree, name);
  return (
    trace
      .exportsOf(module.path)
      .filter(
        ({ name }) =>
          !sites.has(`${module.path}#${name}`) && !isTypeInUse(module.tree, name) && !testedPart(name),
      )
      // What is unused where it is made is reported there and not again wherever it is passed on.
      .filter(({ name, from }) => !from || sites.has(originOf(trace, module.path, name)))
      .map(({ name, line }) => ({
        id: `${module.path}#${name}`,
        finding: {
          rule: "unused-export",
          file: module.path,
          line,
          message: `${name} is imported by no module`,
        },
      }))
  );
}

function originOf(trace: ExportTrace, file: string, name: string): string {
  const origin = trace.follow(file, name).at(-1);
  return origin ? `${origin.file}#${origin.exported.name}` : "";
}

/** Whether its own module uses what it declares: a part that is exported so that it can be tested alone. */
function isMentioned(tree: ts.SourceFile, name: string): boolean {
  let mentions = 0;
  walk(tree, (node) => {
    if (ts.isIdentifier(node) && node.text === name) mentions++;
  });
  return mentions > 1;
}

/** A type that its own module uses is part of another's shape, which whoever imports that may have to name. */
function isTypeInUse(tree: ts.SourceFile, name: string): boolean {
  let declared = false;
  let mentions = 0;
  walk(tree, (node) => {
    if (!ts.isIdentifier(node) || node.text !== name) return;
    const declares = ts.isInterfaceDeclaration(node.parent) || ts.isTypeAliasDeclaration(node.parent);
    if (declares && node.parent.name === node) declared = true;
    else mentions++;
  });
  return declared && mentions > 0;
}

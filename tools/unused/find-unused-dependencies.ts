import { readFileSync } from "node:fs";
import { join } from "node:path";
import { collectImports } from "../project/module-imports.ts";
import { type PackageManifest, packageNameOf, readManifest } from "../project/package-manifest.ts";
import { isTestFile, listProjectFiles, parseFile } from "../project/source-tree.ts";
import type { Unused } from "./unused.ts";

/**
 * Packages of package.json that nobody needs: a dependency must be imported by published code; a development
 * one by any module of the project, or be a command of a script, or the types of a package that is there.
 */
export function findUnusedDependencies(root: string): Unused[] {
  const manifest = readManifest(root);
  const { published, own } = importedPackages(root);
  const runtime = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const development = Object.keys(manifest.devDependencies ?? {}).filter((name) => !runtime.includes(name));
  return [
    ...runtime.filter((name) => !published.has(name)),
    ...development.filter((name) => !own.has(name) && !isNeeded(root, name, manifest)),
  ].map((name) => ({
    id: `package ${name}`,
    finding: { rule: "unused-package", file: "package.json", line: 1, message: `nothing imports ${name}` },
  }));
}

function importedPackages(root: string): { published: Set<string>; own: Set<string> } {
  const published = new Set<string>();
  const own = new Set<string>();
  for (const path of listProjectFiles(root).filter((file) => file.endsWith(".ts"))) {
    const isPublished = path.startsWith("src/") && !isTestFile(path);
    for (const { specifier } of collectImports(parseFile(root, path).tree)) {
      if (specifier === null || specifier.startsWith(".")) continue;
      own.add(packageNameOf(specifier));
      if (isPublished) published.add(packageNameOf(specifier));
    }
  }
  return { published, own };
}

function isNeeded(root: string, name: string, manifest: PackageManifest): boolean {
  return isTypesOfSomething(name, manifest) || isCommand(root, name, manifest);
}

function isTypesOfSomething(name: string, manifest: PackageManifest): boolean {
  if (!name.startsWith("@types/")) return false;
  const typed = name.slice("@types/".length).replace(/^(.+)__(.+)$/, "@$1/$2");
  const all = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.devDependencies };
  return typed === "node" || Object.hasOwn(all, typed);
}

function isCommand(root: string, name: string, manifest: PackageManifest): boolean {
  const words = new Set(Object.values(manifest.scripts ?? {}).flatMap((script) => script.split(/[\s;&|]+/)));
  const path = join(root, "node_modules", name, "package.json");
  const { bin = {} } = JSON.parse(readFileSync(path, "utf8")) as { bin?: string | Record<string, string> };
  const commands = typeof bin === "string" ? [packageNameOf(name).replace(/^.*\//, "")] : Object.keys(bin);
  return commands.some((command) => words.has(command));
}

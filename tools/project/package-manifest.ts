import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The parts of package.json that the checks look at. */
export interface PackageManifest {
  readonly name: string;
  readonly files?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Reads package.json. */
export function readManifest(root: string): PackageManifest {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as PackageManifest;
}

/** The packages that a user of ours has: what published code may import. */
export function publishedPackages(manifest: PackageManifest): Set<string> {
  return new Set([
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
  ]);
}

/** `a/b` for `a/b/c` where `a` is a scope, else `a`. */
export function packageNameOf(specifier: string): string {
  const [first = "", second = ""] = specifier.split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}

/** The subpaths of the package and the source file behind each: `./testing` → `src/testing/index.ts`. */
export function sourceEntries(manifest: PackageManifest): Map<string, string> {
  const entries = new Map<string, string>();
  for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
    const file = typeof target === "string" ? target : target.default;
    const source = file === undefined ? null : sourceOf(file);
    if (source !== null) entries.set(subpath, source);
  }
  return entries;
}

/** The source that a built file comes from; null for what is not built. */
export function sourceOf(built: string): string | null {
  const match = /^(?:\.\/)?dist\/(.+)\.js$/.exec(built);
  return match ? `src/${match[1]}.ts` : null;
}

import { readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileStamp, realPath } from "./original-source.ts";

/** A package on disk. */
export interface Package {
  readonly directory: string;
  readonly manifest: PackageManifest;
}

export interface PackageManifest {
  readonly name?: string;
  readonly version?: string;
  readonly main?: string;
  readonly module?: string;
  readonly exports?: unknown;
  readonly imports?: unknown;
}

const known = new Map<string, { readonly stamp: string; readonly manifest: PackageManifest }>();

/** A path of an installed package, as opposed to a module of the user's, linked ones included. */
export function isInstalled(path: string): boolean {
  return path.includes(`${sep}node_modules${sep}`);
}

/** `name` and the rest of a bare specifier: `@a/b/c` → `@a/b` and `./c`; the rest is `.` where there is none. */
export function splitSpecifier(specifier: string): { readonly name: string; readonly subpath: string } {
  const parts = specifier.split("/");
  const length = specifier.startsWith("@") ? 2 : 1;
  const rest = parts.slice(length).join("/");
  return { name: parts.slice(0, length).join("/"), subpath: rest === "" ? "." : `./${rest}` };
}

/** The package that a path belongs to. */
export function packageAround(path: string): Package | null {
  for (let at = dirname(path); ; at = dirname(at)) {
    const manifest = readManifest(at);
    // Nested package.json files that only set `type` are not packages.
    if (manifest && (manifest.name !== undefined || manifest.imports !== undefined)) {
      return { directory: at, manifest };
    }
    if (dirname(at) === at) return null;
  }
}

/** The package that `name` means in a file at `from`, found as Node finds it: in node_modules, upward. */
export function findPackage(name: string, from: string): Package | null {
  for (let at = dirname(from); ; at = dirname(at)) {
    const directory = join(at, "node_modules", name);
    const manifest = readManifest(directory);
    if (manifest) return { directory: realPath(directory), manifest };
    if (dirname(at) === at) break;
  }
  const own = packageAround(from);
  return own?.manifest.name === name ? own : null;
}

export function versionedName(name: string, found: Package): string {
  return `${found.manifest.name ?? name}@${found.manifest.version ?? "unversioned"}`;
}

function readManifest(directory: string): PackageManifest | null {
  const path = join(directory, "package.json");
  const stamp = fileStamp(path);
  if (stamp === null) return null;
  const before = known.get(path);
  if (before?.stamp === stamp) return before.manifest;
  let manifest: PackageManifest = {};
  try {
    manifest = JSON.parse(readFileSync(path, "utf8")) as PackageManifest;
  } catch {
    // Node would have refused the package; whatever loaded it did not need its manifest.
  }
  known.set(path, { stamp, manifest });
  return manifest;
}

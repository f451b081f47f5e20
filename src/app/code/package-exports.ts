import type { PackageManifest } from "./package-of.ts";

const conditions = new Set(["node", "import", "module-sync", "default"]);
const looseConditions = new Set([...conditions, "require", "module"]);

/** The file that `subpath` (`.`, `./x`) of a package means, relative to its directory; null where it has none. */
export function exportedFile(manifest: PackageManifest, subpath: string): string | null {
  const field = manifest.exports;
  if (field === undefined)
    return subpath === "." ? (manifest.main ?? manifest.module ?? "./index.js") : subpath;
  const isMap = typeof field === "object" && field !== null && Object.keys(field)[0]?.startsWith(".");
  return targetIn(isMap ? field : { ".": field }, subpath);
}

/** What `#name` means in a package: a file relative to its directory, or another package. */
export function importedFile(manifest: PackageManifest, specifier: string): string | null {
  return targetIn(manifest.imports, specifier);
}

function targetIn(map: unknown, wanted: string): string | null {
  if (typeof map !== "object" || map === null) return null;
  const entries = Object.entries(map);
  const exact = entries.find(([key]) => key === wanted);
  if (exact) return targetOf(exact[1], "");
  const patterns = entries.filter(([key]) => key.includes("*")).sort(([a], [b]) => b.length - a.length);
  for (const [key, target] of patterns) {
    const [before = "", after = ""] = key.split("*");
    const fits = wanted.startsWith(before) && wanted.endsWith(after) && wanted.length >= key.length;
    if (fits) return targetOf(target, wanted.slice(before.length, wanted.length - after.length));
  }
  return null;
}

function targetOf(target: unknown, star: string): string | null {
  return choose(target, star, conditions) ?? choose(target, star, looseConditions);
}

function choose(target: unknown, star: string, accepted: ReadonlySet<string>): string | null {
  if (typeof target === "string") return target.replaceAll("*", star);
  if (Array.isArray(target)) {
    for (const each of target) {
      const chosen = choose(each, star, accepted);
      if (chosen !== null) return chosen;
    }
    return null;
  }
  if (typeof target !== "object" || target === null) return null;
  for (const [condition, each] of Object.entries(target)) {
    const chosen = accepted.has(condition) ? choose(each, star, accepted) : null;
    if (chosen !== null) return chosen;
  }
  return null;
}

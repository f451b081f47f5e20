import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileStamp } from "./original-source.ts";
import { parseLooseJson } from "./parse-source.ts";

interface Paths {
  /** What the targets are relative to. */
  readonly base: string;
  readonly patterns: Readonly<Record<string, readonly string[]>>;
}

interface Tsconfig {
  readonly extends?: string | readonly string[];
  readonly compilerOptions?: { readonly baseUrl?: string; readonly paths?: Paths["patterns"] };
}

const known = new Map<string, { readonly stamp: string; readonly paths: Paths | null }>();

/** The files that `paths` of the nearest tsconfig.json makes of a specifier, without certainty that they exist. */
export function mappedByTsconfig(specifier: string, from: string): readonly string[] {
  const paths = nearestPaths(from);
  if (!paths) return [];
  const patterns = Object.keys(paths.patterns).sort((a, b) => prefixOf(b).length - prefixOf(a).length);
  for (const pattern of patterns) {
    const star = matchPattern(pattern, specifier);
    if (star === null) continue;
    return (paths.patterns[pattern] ?? []).map((target) => resolve(paths.base, target.replace("*", star)));
  }
  return [];
}

function prefixOf(pattern: string): string {
  return pattern.includes("*") ? pattern.slice(0, pattern.indexOf("*")) : `${pattern}\uffff`;
}

function matchPattern(pattern: string, specifier: string): string | null {
  const at = pattern.indexOf("*");
  if (at < 0) return pattern === specifier ? "" : null;
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)];
  const fits =
    specifier.startsWith(before) && specifier.endsWith(after) && specifier.length >= pattern.length - 1;
  return fits ? specifier.slice(before.length, specifier.length - after.length) : null;
}

function nearestPaths(from: string): Paths | null {
  for (let at = dirname(from); ; at = dirname(at)) {
    const path = join(at, "tsconfig.json");
    const stamp = fileStamp(path);
    if (stamp !== null) {
      const before = known.get(path);
      if (before?.stamp === stamp) return before.paths;
      const paths = readPaths(path, 0);
      known.set(path, { stamp, paths });
      return paths;
    }
    if (dirname(at) === at) return null;
  }
}

function readPaths(path: string, depth: number): Paths | null {
  if (depth > 8 || fileStamp(path) === null) return null;
  const config = readTsconfig(path);
  const options = config?.compilerOptions;
  if (options?.paths)
    return { base: resolve(dirname(path), options.baseUrl ?? "."), patterns: options.paths };
  const parents = [config?.extends ?? []].flat().reverse();
  for (const parent of parents) {
    // Presets from packages hold no paths of this project.
    if (!parent.startsWith(".") && !parent.startsWith("/")) continue;
    const file = resolve(dirname(path), parent.endsWith(".json") ? parent : `${parent}.json`);
    const inherited = readPaths(file, depth + 1);
    if (inherited) return inherited;
  }
  return null;
}

function readTsconfig(path: string): Tsconfig | null {
  try {
    return parseLooseJson(readFileSync(path, "utf8")) as Tsconfig;
  } catch {
    return null;
  }
}

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** What a process loaded, beside what Node itself has. */
export interface LoadedModules {
  /** The names of the packages, sorted. */
  readonly packages: readonly string[];
  /** Files of our own build, as they are named in `dist`. */
  readonly ours: readonly string[];
}

const preload = pathToFileURL(resolve("test/startup/list-loaded.mjs")).href;
const built = `${pathToFileURL(resolve("dist")).href}/`;

/** The environment of a process whose modules are to be listed in a file. */
export function listingLoaded(file: string): Readonly<Record<string, string>> {
  return { LOADED: file, NODE_OPTIONS: `--import ${preload}` };
}

/** Reads the list that a process has left. */
export function readLoaded(file: string): LoadedModules {
  // Who only wants to know the version of a package loads nothing of it.
  const urls = [...new Set(readFileSync(file, "utf8").split("\n"))].filter(
    (url) => !url.endsWith("/package.json"),
  );
  const names = urls.map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]);
  return {
    packages: [...new Set(names.filter((name) => name !== undefined))].sort(),
    ours: urls.filter((url) => url.startsWith(built)).map((url) => url.slice(built.length)),
  };
}

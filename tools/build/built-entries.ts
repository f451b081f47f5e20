import { type PackageManifest, sourceEntries, sourceOf } from "../project/package-manifest.ts";

/** Modules that processes of their own are started with, by path. */
const started: readonly string[] = ["src/testing/store-child.ts"];

/** What the bundler begins with: each file of `dist` that is loaded by its path, without its ending, and its source. */
export function builtEntries(manifest: PackageManifest): Record<string, string> {
  const commands = Object.values(manifest.bin ?? {}).map((path) => sourceOf(path));
  const sources = [...sourceEntries(manifest).values(), ...commands, ...started];
  const found = sources.filter((source) => source !== null);
  return Object.fromEntries(found.map((source) => [/^src\/(.+)\.ts$/.exec(source)![1]!, source]));
}

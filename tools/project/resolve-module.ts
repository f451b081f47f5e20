import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { packageNameOf } from "./package-manifest.ts";

/** What a specifier leads to. */
export type ResolvedModule =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "builtin"; readonly name: string }
  | { readonly kind: "package"; readonly name: string }
  | { readonly kind: "nothing" };

/** Resolves a specifier the way the sources are written: relative paths carry their extension. */
export function resolveModule(from: string, specifier: string, files: ReadonlySet<string>): ResolvedModule {
  if (specifier.startsWith(".")) {
    const path = posix.join(posix.dirname(from), specifier);
    return files.has(path) ? { kind: "file", path } : { kind: "nothing" };
  }
  if (isBuiltin(specifier)) return { kind: "builtin", name: `node:${specifier.replace(/^node:/, "")}` };
  if (!/^(@[\w.-]+\/)?[\w.-]+(\/.*)?$/.test(specifier)) return { kind: "nothing" };
  return { kind: "package", name: packageNameOf(specifier) };
}

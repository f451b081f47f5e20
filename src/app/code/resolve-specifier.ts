import { isBuiltin } from "node:module";
import { dirname, extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ownDirectory } from "../own-directory.ts";
import { type Module, type ModuleText, openBuiltOrNull, originalOf, sourceOf } from "./module-store.ts";
import { type BuiltFile, fileStamp, realPath } from "./original-source.ts";
import { exportedFile, importedFile } from "./package-exports.ts";
import {
  findPackage,
  isInstalled,
  type Package,
  packageAround,
  splitSpecifier,
  versionedName,
} from "./package-of.ts";
import { mappedByTsconfig } from "./tsconfig-paths.ts";
import { Untraceable } from "./untraceable.ts";

/** What an import leads to. */
export type Resolved =
  | { readonly kind: "file"; readonly file: ModuleText }
  /** Installed code: `name@version` stands for it. */
  | { readonly kind: "package"; readonly versioned: string; readonly subpath: string }
  | { readonly kind: "builtin"; readonly name: string }
  /** Sluice itself: no version, so that an upgrade of Sluice computes nothing again. */
  | { readonly kind: "sluice"; readonly specifier: string };

let own: string | null = null;

/** `src` or `dist` of the Sluice that runs. */
function isOwn(path: string): boolean {
  own ??= realPath(ownDirectory()) + sep;
  return path.startsWith(own);
}

export function resolveSpecifier(from: Module, specifier: string): Resolved {
  if (isBuiltin(specifier)) return { kind: "builtin", name: `node:${specifier.replace(/^node:/, "")}` };
  if (/^\.{0,2}\/|^\.{1,2}$|^file:/.test(specifier)) return resolveRelative(from, specifier);
  if (/^[a-z][a-z0-9+.-]+:/i.test(specifier)) throw notFound(from, specifier);
  if (specifier.startsWith("#")) return resolveHash(from, specifier);
  return resolveBare(from, specifier);
}

function resolveRelative(from: Module, specifier: string): Resolved {
  const plain = specifier.replace(/[?#].*$/, "");
  const base = plain.startsWith("file:") ? fileURLToPath(plain) : resolve(dirname(from.path), plain);
  const found = findNear(from, base, plain);
  if (!found) throw notFound(from, specifier);
  return asResolved(from, found);
}

function asResolved(from: Module, file: ModuleText): Resolved {
  if (isInstalled(file.path)) return installed(file.path);
  const isSluice = isOwn(file.path) && !isOwn(from.path);
  return isSluice ? { kind: "sluice", specifier: "sluice" } : { kind: "file", file };
}

function installed(path: string): Resolved {
  const around = packageAround(path);
  const name = around?.manifest.name;
  if (!around || name === undefined) throw new Untraceable(`${path} belongs to no package`);
  const subpath = path.slice(around.directory.length);
  return { kind: "package", versioned: versionedName(name, around), subpath };
}

/** Looks in the source map of the importing file, in the maps of the files built beside it, then on disk. */
function findNear(from: Module, base: string, specifier: string): ModuleText | null {
  const candidates = candidatesFor(base, /\.[cm]?tsx?$/.test(from.path)).map(realPath);
  if (from.built) {
    for (const path of candidates) {
      const found = sourceOf(from.built, path);
      if (found?.text != null) return found;
    }
    const beside = findBuiltBeside(from.built, specifier, new Set(candidates));
    if (beside) return beside;
  }
  for (const path of candidates) {
    const found = originalOf(path);
    if (found) return found;
  }
  return null;
}

function findBuiltBeside(from: BuiltFile, specifier: string, wanted: ReadonlySet<string>): ModuleText | null {
  if (!specifier.startsWith(".")) return null;
  for (const path of candidatesFor(resolve(dirname(from.path), specifier), false)) {
    const built = openBuiltOrNull(path);
    const source = built && [...built.sources.keys()].find((each) => wanted.has(each));
    if (built && source !== undefined && source !== null) return sourceOf(built, source);
  }
  return null;
}

const extensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"];
const sourceExtensions: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};
const builtExtensions: Readonly<Record<string, string>> = {
  ".ts": ".js",
  ".tsx": ".js",
  ".mts": ".mjs",
  ".cts": ".cjs",
};

/** The files that an import of `base` may mean, best first. TypeScript names the file that it will be built into. */
function candidatesFor(base: string, fromTypeScript: boolean): string[] {
  const extension = extname(base);
  const stem = base.slice(0, base.length - extension.length);
  const swapped = (sourceExtensions[extension] ?? []).map((each) => stem + each);
  const built = builtExtensions[extension];
  return [
    ...(fromTypeScript ? [...swapped, base] : [base, ...swapped]),
    ...extensions.map((each) => base + each),
    ...extensions.map((each) => join(base, `index${each}`)),
    ...(built === undefined ? [] : [stem + built]),
  ];
}

function resolveHash(from: Module, specifier: string): Resolved {
  const around = packageAround(from.path) ?? (from.built && packageAround(from.built.path));
  const target = around && importedFile(around.manifest, specifier);
  if (!around || target === null) return resolveBare(from, specifier);
  if (!target.startsWith(".")) return resolveSpecifier(from, target);
  const found = findNear(from, resolve(around.directory, target), "");
  if (!found) throw notFound(from, specifier);
  return asResolved(from, found);
}

function resolveBare(from: Module, specifier: string): Resolved {
  for (const base of mappedByTsconfig(specifier, from.path)) {
    const found = findNear(from, base, "");
    if (found) return asResolved(from, found);
  }
  const { name, subpath } = splitSpecifier(specifier);
  if (name === "sluice") return { kind: "sluice", specifier };
  const found = findPackage(name, from.path) ?? (from.built && findPackage(name, from.built.path));
  if (!found) throw notFound(from, specifier);
  return (
    (isInstalled(found.directory) ? null : linked(from, found, subpath)) ?? packaged(name, found, subpath)
  );
}

function packaged(name: string, found: Package, subpath: string): Resolved {
  return { kind: "package", versioned: versionedName(name, found), subpath };
}

/** A package of the user's workspace is the user's code, where its source is to be had. */
function linked(from: Module, found: Package, subpath: string): Resolved | null {
  const target = exportedFile(found.manifest, subpath);
  if (target === null) return null;
  const base = resolve(found.directory, target);
  const path = candidatesFor(base, false).find((each) => fileStamp(each) !== null);
  const file = path === undefined ? null : originalOf(path);
  return file && asResolved(from, file);
}

function notFound(from: Module, specifier: string): Untraceable {
  return new Untraceable(`"${specifier}", which ${from.path} imports, was not found`);
}

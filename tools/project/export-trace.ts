import { collectExports, type ModuleExport, type ModuleExports } from "./module-exports.ts";
import type { SourceModule } from "./module-tree.ts";
import { resolveModule } from "./resolve-module.ts";

/** One export of one module. */
export interface ExportSite {
  readonly file: string;
  readonly exported: ModuleExport;
}

/** Follows names from where they are imported to where they are made. */
export class ExportTrace {
  readonly #exports: ReadonlyMap<string, ModuleExports>;
  readonly #files: ReadonlySet<string>;

  constructor(modules: ReadonlyMap<string, SourceModule>) {
    this.#exports = new Map([...modules].map(([path, { tree }]) => [path, collectExports(tree)]));
    this.#files = new Set(modules.keys());
  }

  /** What a module exports under its own names, `export *` left out. */
  exportsOf(file: string): readonly ModuleExport[] {
    return [...(this.#exports.get(file)?.named.values() ?? [])];
  }

  /** All names that can be imported from a module, `export *` followed. */
  namesOf(file: string, seen = new Set<string>()): Set<string> {
    const exports = this.#exports.get(file);
    if (!exports || seen.has(file)) return new Set();
    seen.add(file);
    const names = new Set(exports.named.keys());
    for (const star of exports.stars) {
      for (const name of this.namesOf(this.#pathOf(file, star), seen))
        if (name !== "default") names.add(name);
    }
    return names;
  }

  /** The exports that an import of `name` goes through, from the nearest to the one that makes it. */
  follow(file: string, name: string, seen = new Set<string>()): ExportSite[] {
    const exports = this.#exports.get(file);
    if (!exports || seen.has(file)) return [];
    seen.add(file);
    const exported = exports.named.get(name);
    if (exported) return [{ file, exported }, ...this.#followOrigin(file, exported, seen)];
    for (const star of exports.stars) {
      const path = this.follow(this.#pathOf(file, star), name, seen);
      if (path.length > 0) return path;
    }
    return [];
  }

  #followOrigin(file: string, { from }: ModuleExport, seen: Set<string>): ExportSite[] {
    if (!from) return [];
    const origin = this.#pathOf(file, from.specifier);
    if (from.name !== null) return this.follow(origin, from.name, seen);
    return [...this.namesOf(origin)].flatMap((name) => this.follow(origin, name));
  }

  #pathOf(file: string, specifier: string): string {
    const resolved = resolveModule(file, specifier, this.#files);
    return resolved.kind === "file" ? resolved.path : "";
  }
}

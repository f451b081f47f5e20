import { fingerprint } from "../../values/fingerprint.ts";
import { canonicalData } from "./deps-digest.ts";
import { codeFile, type Module, type ModuleStore, type ModuleText, readText } from "./module-store.ts";
import { declarationsOf, type ImportedName } from "./module-syntax.ts";
import { type Resolved, resolveSpecifier } from "./resolve-specifier.ts";
import type { Binding } from "./scope.ts";
import type { SyntaxNode } from "./syntax-node.ts";
import { Untraceable } from "./untraceable.ts";

/** What a name at module level stands for in the end, behind imports and re-exports. */
export type Target =
  | {
      readonly kind: "code";
      readonly module: Module;
      readonly name: string;
      readonly nodes: readonly SyntaxNode[];
    }
  | { readonly kind: "namespace"; readonly module: Module }
  /** A CommonJS module of the user's, whose exports cannot be told apart. */
  | { readonly kind: "whole"; readonly module: Module; readonly name: string }
  /** Code that a name stands for: a package's, Node's or Sluice's. */
  | OutsideTarget
  | { readonly kind: "data"; readonly text: string };

export interface OutsideTarget {
  readonly kind: "outside";
  readonly owner: "package" | "builtin" | "sluice";
  readonly text: string;
  /** `name@version`, for a package. */
  readonly versioned: string | null;
}

/** Follows names from module to module. */
export class Linker {
  /** The modules that were passed on the way, in that order. */
  readonly visited = new Set<Module>();
  private readonly store: ModuleStore;
  private readonly resolved = new Map<Module, Map<string, Resolved>>();
  private isNoting = true;

  constructor(store: ModuleStore, start: Module) {
    this.store = store;
    this.visited.add(start);
  }

  /** What a binding of a module's own scope stands for. */
  binding(module: Module, binding: Binding): Target {
    const imported = module.syntax.imports.get(binding);
    if (imported) return this.imported(module, imported);
    const nodes = declarationsOf(module.syntax, binding);
    return { kind: "code", module, name: binding.name, nodes };
  }

  imported(module: Module, imported: ImportedName): Target {
    const target = this.importedOrNull(module, imported, new Set());
    if (target) return target;
    const { name, specifier } = imported;
    throw new Untraceable(`${module.path} imports ${name} from "${specifier}", which does not export it`);
  }

  /** What a module exports under a name; null for nothing. */
  exported(module: Module, name: string, seen = new Set<string>()): Target | null {
    this.note(module);
    if (module.syntax.isOpaque) return { kind: "whole", module, name };
    const step = `${module.path}\n${name}`;
    if (seen.has(step)) return null;
    seen.add(step);
    const found = module.syntax.exports.get(name) ?? module.syntax.exports.get("=");
    if (found?.kind === "binding") {
      const imported = module.syntax.imports.get(found.binding);
      return imported ? this.importedOrNull(module, imported, seen) : this.binding(module, found.binding);
    }
    if (found?.kind === "expression") return { kind: "code", module, name: "default", nodes: [found.node] };
    if (found) return this.importedOrNull(module, found.imported, seen);
    return name === "default" ? null : this.throughStars(module, name, seen);
  }

  /** Every name that a module exports, sorted. */
  exportedNames(module: Module, seen = new Set<Module>()): readonly string[] {
    if (seen.has(module)) return [];
    seen.add(module);
    const names = new Set(module.syntax.exports.keys());
    for (const specifier of module.syntax.stars) {
      const resolved = this.resolve(module, specifier);
      if (resolved.kind !== "file" || !codeFile.test(resolved.file.path)) continue;
      for (const name of this.exportedNames(this.note(this.store.open(resolved.file)), seen)) {
        if (name !== "default") names.add(name);
      }
    }
    return [...names].sort();
  }

  /** Modules outside whose every export a module passes on. */
  outsideStars(module: Module): readonly OutsideTarget[] {
    const targets = module.syntax.stars.map((specifier) => outside(this.resolve(module, specifier), "*"));
    return targets.filter((target) => target !== null);
  }

  /** A module that was imported for its effects; null for one that is not the user's. */
  sideEffect(module: Module, specifier: string): Module | null {
    const resolved = this.resolve(module, specifier);
    if (resolved.kind !== "file" || !codeFile.test(resolved.file.path)) return null;
    return this.note(this.store.open(resolved.file));
  }

  /** Tries something that the digest does not rest on: what cannot be followed is null, and nothing counts as visited. */
  quietly<T>(find: () => T): T | null {
    const before = this.isNoting;
    this.isNoting = false;
    try {
      return find();
    } catch (error) {
      if (error instanceof Untraceable) return null;
      throw error;
    } finally {
      this.isNoting = before;
    }
  }

  private note(module: Module): Module {
    if (this.isNoting) this.visited.add(module);
    return module;
  }

  private importedOrNull(module: Module, imported: ImportedName, seen: Set<string>): Target | null {
    const resolved = this.resolve(module, imported.specifier);
    if (resolved.kind !== "file") return outside(resolved, imported.name);
    if (!codeFile.test(resolved.file.path)) return dataOf(resolved.file, imported.name);
    const next = this.note(this.store.open(resolved.file));
    if (imported.name !== "*" || next.syntax.isOpaque) return this.exported(next, imported.name, seen);
    return next.syntax.exports.has("=")
      ? this.exported(next, "=", seen)
      : { kind: "namespace", module: next };
  }

  private throughStars(module: Module, name: string, seen: Set<string>): Target | null {
    const others: OutsideTarget[] = [];
    for (const specifier of module.syntax.stars) {
      const resolved = this.resolve(module, specifier);
      const other = outside(resolved, name);
      if (other) others.push(other);
      if (resolved.kind !== "file" || !codeFile.test(resolved.file.path)) continue;
      const found = this.exported(this.note(this.store.open(resolved.file)), name, seen);
      if (found) return found;
    }
    return others[0] ?? null;
  }

  private resolve(module: Module, specifier: string): Resolved {
    const known = this.resolved.get(module) ?? new Map<string, Resolved>();
    this.resolved.set(module, known);
    const before = known.get(specifier) ?? resolveSpecifier(module, specifier);
    known.set(specifier, before);
    return before;
  }
}

function outside(resolved: Resolved, name: string): OutsideTarget | null {
  switch (resolved.kind) {
    case "file":
      return null;
    case "builtin":
      return { kind: "outside", owner: "builtin", text: `${resolved.name}:${name}`, versioned: null };
    case "sluice":
      return { kind: "outside", owner: "sluice", text: `${resolved.specifier}:${name}`, versioned: null };
    case "package": {
      const { versioned, subpath } = resolved;
      const text = `${versioned}${subpath.replace(/^\./, "")}:${name}`;
      return { kind: "outside", owner: "package", text, versioned };
    }
  }
}

/** JSON counts by what it says, any other file by its text. */
function dataOf(file: ModuleText, name: string): Target {
  const text = readText(file);
  const content = file.path.endsWith(".json") ? (canonicalJson(text) ?? text) : text;
  return { kind: "data", text: `${fingerprint(content)}:${name}` };
}

function canonicalJson(text: string): string | null {
  try {
    return canonicalData(JSON.parse(text));
  } catch {
    return null;
  }
}

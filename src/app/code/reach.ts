import { canonicalTree } from "./canonical-tree.ts";
import type { Linker, Target } from "./link.ts";
import { canChange, type Effect, effectsOf, natureOf } from "./module-effects.ts";
import type { Module } from "./module-store.ts";
import { type Binding, lookUp, scopeAround } from "./scope.ts";
import {
  childOf,
  childrenOf,
  encloses,
  isCall,
  isMember,
  literalText,
  nameOf,
  propertyName,
  type SyntaxNode,
} from "./syntax-node.ts";
import { Untraceable } from "./untraceable.ts";

/** The parts of a definition that are code, by property. */
export interface Roots {
  readonly module: Module;
  readonly nodes: ReadonlyMap<string, SyntaxNode>;
  /** The names that `deps` gives: covered by value, so not followed. */
  readonly deps: readonly string[];
}

export interface Reached {
  /** All the code, the same wherever it stands and in whatever order. */
  readonly text: string;
  /** `name@version`, sorted. */
  readonly packages: readonly string[];
}

/**
 * Walks from a definition through every declaration that it reaches. Each gets a number when it is first met,
 * and that number stands for it wherever it is named: so neither the place of a declaration counts, nor do two
 * of one name get mixed up, nor do rings matter.
 */
export function reach(linker: Linker, roots: Roots): Reached {
  return new Walk(linker, roots).finish();
}

interface Unit {
  readonly kind: "root" | "code" | "whole" | "namespace";
  readonly module: Module;
  readonly node: SyntaxNode;
}

class Walk {
  private readonly linker: Linker;
  private readonly deps: ReadonlySet<Binding>;
  private readonly units: Unit[] = [];
  private readonly numbers = new Map<SyntaxNode, number>();
  private readonly namespaces = new Map<Module, number>();
  private readonly lines: string[] = [];
  private readonly packages = new Set<string>();
  /** What was reached, with its name in the text. */
  private readonly reached = new Map<SyntaxNode | string, string>();
  private readonly effects = new Map<SyntaxNode | string, Set<number>>();

  constructor(linker: Linker, roots: Roots) {
    this.linker = linker;
    this.deps = new Set(
      [...roots.nodes.values()].flatMap((node) => {
        const scope = scopeAround(roots.module.syntax.scopes, node);
        return roots.deps.map((name) => lookUp(scope, name)).filter((binding) => binding !== null);
      }),
    );
    for (const [property, node] of [...roots.nodes].sort(([a], [b]) => (a < b ? -1 : 1))) {
      this.lines.push(`${property} #${this.add({ kind: "root", module: roots.module, node })}`);
    }
  }

  finish(): Reached {
    let written = 0;
    do {
      for (; written < this.units.length; written++) {
        this.lines.push(`#${written} ${this.write(this.units[written] as Unit)}`);
      }
      this.addSideEffectModules();
      this.addEffects();
    } while (written < this.units.length);
    for (const [key, numbers] of this.effects) {
      this.lines.push(`~${this.reached.get(key)} ${[...numbers].map((number) => `#${number}`).join(" ")}`);
    }
    return { text: this.lines.join("\n"), packages: [...this.packages].sort() };
  }

  private add(unit: Unit): number {
    const known = unit.kind === "namespace" ? this.namespaces.get(unit.module) : this.numbers.get(unit.node);
    if (known !== undefined) return known;
    const number = this.units.push(unit) - 1;
    if (unit.kind === "namespace") this.namespaces.set(unit.module, number);
    else this.numbers.set(unit.node, number);
    return number;
  }

  private write(unit: Unit): string {
    if (unit.kind === "namespace") return this.writeNamespace(unit.module);
    return canonicalTree(unit.node, (node) => this.writeNode(unit, node));
  }

  private writeNamespace(module: Module): string {
    const names = this.linker.exportedNames(module).map((name) => {
      const target = this.linker.exported(module, name);
      return `${name}=${target ? this.writeTarget(target) : ""}`;
    });
    const stars = this.linker.outsideStars(module).map((target) => this.writeTarget(target));
    return `{${[...names, ...stars].join(" ")}}`;
  }

  private writeNode(unit: Unit, node: SyntaxNode): string | null {
    const { references, receivers } = unit.module.syntax.scopes;
    const receiver = receivers.get(node);
    if (receiver) this.checkReceiver(unit, node, receiver);
    const binding = references.get(node);
    if (binding !== undefined) return this.writeReference(unit, node, binding);
    if (isMember(node) || node.type === "JSXMemberExpression") return this.writeMember(unit, node);
    return isCall(node) || node.type === "ImportExpression" ? this.writeImport(unit, node) : null;
  }

  private writeReference(unit: Unit, node: SyntaxNode, binding: Binding | null): string {
    if (binding === null) return `(global ${nameOf(node)})`;
    if (this.deps.has(binding)) return `(dep ${binding.name})`;
    const { syntax } = unit.module;
    if (binding.scope === syntax.scopes.module) {
      const isLocal = unit.kind === "whole" && !syntax.imports.has(binding);
      return isLocal ? binding.name : this.writeTarget(this.linker.binding(unit.module, binding));
    }
    if (encloses(unit.node, binding.scope.node)) return binding.name;
    throw outOfReach(unit.module, node, binding.name);
  }

  private writeTarget(target: Target): string {
    switch (target.kind) {
      case "code": {
        const numbers = target.nodes.map((node) => this.add({ kind: "code", module: target.module, node }));
        return this.noteReached(target, `#${numbers.join("+")}:${target.name}`);
      }
      case "namespace":
        return `#${this.add({ ...target, node: target.module.syntax.program })}`;
      case "whole":
        return `#${this.add({ ...target, node: target.module.syntax.program })}:${target.name}`;
      case "outside":
        if (target.versioned !== null) this.packages.add(target.versioned);
        return this.noteReached(target, `@${target.text}`);
      case "data":
        return `=${target.text}`;
    }
  }

  private noteReached(target: Target, text: string): string {
    const key = keyOf(target);
    if (key !== null && !this.reached.has(key)) this.reached.set(key, text);
    return text;
  }

  /** Of a namespace only the member counts that is named. */
  private writeMember(unit: Unit, node: SyntaxNode): string | null {
    const object = childOf(node, "object");
    const name = propertyName(node);
    const binding = object && unit.module.syntax.scopes.references.get(object);
    if (!binding || name === null || !unit.module.syntax.imports.has(binding)) return null;
    if (this.deps.has(binding)) return null;
    const target = this.linker.binding(unit.module, binding);
    if (target.kind !== "namespace") return null;
    const member = this.linker.exported(target.module, name);
    return member && this.writeTarget(member);
  }

  private writeImport(unit: Unit, node: SyntaxNode): string | null {
    const callee = childOf(node, "callee");
    const isImport = callee?.type === "Import" || node.type === "ImportExpression";
    if (!isImport && !(callee?.type === "Identifier" && nameOf(callee) === "require")) return null;
    const specifier = literalText(childrenOf(node, "arguments")[0] ?? node.source);
    if (specifier !== null) {
      return `(import ${this.writeTarget(this.linker.imported(unit.module, { specifier, name: "*" }))})`;
    }
    throw new Untraceable(
      `${placeOf(unit.module, node)} imports a module whose name is only known at run time`,
    );
  }

  private checkReceiver(unit: Unit, node: SyntaxNode, receiver: SyntaxNode): void {
    if (receiver.type === "Program" || encloses(unit.node, receiver)) return;
    throw outOfReach(unit.module, node, node.type === "ThisExpression" ? "this" : nameOf(node) || "super");
  }

  private addSideEffectModules(): void {
    // The set grows while it is walked, and the walk goes on to what was added.
    for (const module of this.linker.visited) {
      for (const specifier of module.syntax.sideEffects) this.linker.sideEffect(module, specifier);
    }
  }

  /** Adds the module-level code that changes what was reached, in the order in which a module runs it. */
  private addEffects(): void {
    const found = new Map<SyntaxNode | string, Unit[]>();
    for (const module of this.linker.visited) {
      for (const effect of effectsOf(module.syntax)) {
        const key = this.changedBy(module, effect);
        if (key === null) continue;
        const units = found.get(key) ?? [];
        units.push({ kind: "code", module, node: effect.node });
        found.set(key, units);
      }
    }
    for (const key of [...this.reached.keys()]) {
      const units = found.get(key);
      if (!units) continue;
      const numbers = this.effects.get(key) ?? new Set();
      for (const unit of units) numbers.add(this.add(unit));
      this.effects.set(key, numbers);
    }
  }

  private changedBy(module: Module, effect: Effect): SyntaxNode | string | null {
    const binding = module.syntax.scopes.references.get(effect.root);
    if (!binding || binding.scope !== module.syntax.scopes.module || this.deps.has(binding)) return null;
    const target = this.linker.quietly(() => this.effectTarget(module, binding, effect));
    const key = target && keyOf(target);
    if (!target || key === null || !this.reached.has(key)) return null;
    if (target.kind === "outside") return canChangeOutside(target.owner, effect) ? key : null;
    if (target.kind !== "code" || target.nodes.includes(effect.node)) return null;
    return canChange(effect, natureOf(target.nodes), module.syntax) ? key : null;
  }

  private effectTarget(module: Module, binding: Binding, effect: Effect): Target | null {
    const target = this.linker.binding(module, binding);
    if (target.kind !== "namespace" || effect.property === null) return target;
    return this.linker.exported(target.module, effect.property);
  }
}

/** Code outside is changed by statements (`marked.use(…)`); a declaration (`z.string()`) only uses it. */
function canChangeOutside(owner: "package" | "builtin" | "sluice", effect: Effect): boolean {
  if (owner === "sluice") return false;
  return effect.form === "assign" || (owner === "package" && effect.isStatement);
}

function keyOf(target: Target): SyntaxNode | string | null {
  if (target.kind === "code") return target.nodes[0] ?? null;
  return target.kind === "outside" ? target.text : null;
}

function outOfReach(module: Module, node: SyntaxNode, name: string): Untraceable {
  return new Untraceable(
    `${placeOf(module, node)} uses ${name}, which belongs to the function or block around its definition`,
    { advice: `list ${name} in its deps` },
  );
}

function placeOf(module: Module, node: SyntaxNode): string {
  return `${module.path}:${node.loc.start.line}`;
}

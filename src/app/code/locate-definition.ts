import type { FunctionDefinition } from "../../contracts/function.ts";
import type { SourcePosition } from "./call-site-source.ts";
import type { Module } from "./module-store.ts";
import type { ModuleSyntax } from "./module-syntax.ts";
import type { Binding } from "./scope.ts";
import {
  allChildren,
  childOf,
  childrenOf,
  isCall,
  isMember,
  literalText,
  nameOf,
  propertyName,
  type SyntaxNode,
} from "./syntax-node.ts";
import { Untraceable } from "./untraceable.ts";

/** A call that may have defined the function. */
interface Candidate {
  readonly call: SyntaxNode;
  readonly config: SyntaxNode;
  /** Null where the name is only known at run time. */
  readonly name: string | null;
}

interface FoundCandidate extends Candidate {
  readonly module: Module;
}

/** The code of a definition: the values of `run`, `runBatch` and `prepare`. */
export interface Located {
  readonly module: Module;
  readonly nodes: ReadonlyMap<string, SyntaxNode>;
}

/**
 * Finds the call that made a definition. Several come back only where neither the name nor the position tells
 * them apart.
 */
export function locateDefinition(
  definition: FunctionDefinition,
  modules: readonly Module[],
  positions: readonly SourcePosition[],
): readonly Located[] {
  const all = modules.flatMap((module) =>
    candidatesIn(module.syntax).map((candidate) => ({ ...candidate, module })),
  );
  const fitting = all.filter(({ name }) => name === definition.name || name === null);
  const named = fitting.filter(({ name }) => name !== null);
  const pool = named.length > 0 ? named : fitting;
  const chosen =
    byPosition(fitting, positions, isExact) ?? single(pool) ?? byPosition(pool, positions, isOnLine);
  const candidates = chosen ? [chosen] : pool;
  if (candidates.length === 0) {
    throw new Untraceable(`no call in ${modules.map(({ path }) => path).join(", ")} defines it`);
  }
  return candidates.map((candidate) => ({ module: candidate.module, nodes: codeOf(candidate, definition) }));
}

function single(candidates: readonly FoundCandidate[]): FoundCandidate | null {
  return candidates.length === 1 ? (candidates[0] ?? null) : null;
}

type Fits = (candidate: FoundCandidate, position: SourcePosition) => boolean;

function byPosition(
  candidates: readonly FoundCandidate[],
  positions: readonly SourcePosition[],
  fits: Fits,
): FoundCandidate | null {
  for (const position of positions) {
    const here = candidates.filter(
      (candidate) => candidate.module.path === position.path && fits(candidate, position),
    );
    if (here.length === 1) return here[0] ?? null;
  }
  return null;
}

/** V8 gives the position of the called name; source maps may give that of the whole call. */
function isExact({ call }: Candidate, { line, column }: SourcePosition): boolean {
  const callee = childOf(call, "callee");
  const property = callee && isMember(callee) ? childOf(callee, "property") : null;
  return [call, callee, property].some(
    (node) => node?.loc.start.line === line && node.loc.start.column === column,
  );
}

function isOnLine({ call }: Candidate, { line }: SourcePosition): boolean {
  return call.loc.start.line === line;
}

const known = new WeakMap<ModuleSyntax, readonly Candidate[]>();

/** Once for all the functions of a file. */
function candidatesIn(syntax: ModuleSyntax): readonly Candidate[] {
  const before = known.get(syntax);
  if (before) return before;
  const calls = callsIn(syntax.program);
  const defining = calls.filter((call) => callsDefineFunction(syntax, call));
  const found: Candidate[] = [];
  // Where nothing has the name of `defineFunction`, it may go by another, passed on by a module between.
  for (const call of defining.length > 0 ? defining : calls) {
    const config = objectOf(syntax, childrenOf(call, "arguments")[0]);
    if (!config) continue;
    const body = propertyOf(syntax, config, "run") ?? propertyOf(syntax, config, "runBatch");
    const name = propertyOf(syntax, config, "name");
    if (body && name) found.push({ call, config, name: staticText(syntax, name) });
  }
  known.set(syntax, found);
  return found;
}

function callsIn(program: SyntaxNode): SyntaxNode[] {
  const calls: SyntaxNode[] = [];
  const pending = [program];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (isCall(node)) calls.push(node);
    pending.push(...allChildren(node));
  }
  return calls;
}

function callsDefineFunction(syntax: ModuleSyntax, call: SyntaxNode): boolean {
  const callee = childOf(call, "callee");
  if (!callee) return false;
  if (isMember(callee)) return propertyName(callee) === "defineFunction";
  const binding = syntax.scopes.references.get(callee);
  return (
    (binding ? (syntax.imports.get(binding)?.name ?? binding.name) : nameOf(callee)) === "defineFunction"
  );
}

/** An object literal, or a name that always stands for one. */
function objectOf(syntax: ModuleSyntax, node: SyntaxNode | undefined): SyntaxNode | null {
  if (node?.type === "ObjectExpression") return node;
  const init = node && constantOf(syntax, node);
  return init?.type === "ObjectExpression" ? init : null;
}

function staticText(syntax: ModuleSyntax, node: SyntaxNode): string | null {
  return literalText(node) ?? literalText(constantOf(syntax, node));
}

/** What a `const` that an identifier names is made with. */
function constantOf(syntax: ModuleSyntax, node: SyntaxNode): SyntaxNode | null {
  const binding = syntax.scopes.references.get(node);
  return binding ? (constantsOf(syntax).get(binding) ?? null) : null;
}

const constants = new WeakMap<ModuleSyntax, ReadonlyMap<Binding, SyntaxNode>>();

function constantsOf(syntax: ModuleSyntax): ReadonlyMap<Binding, SyntaxNode> {
  const before = constants.get(syntax);
  if (before) return before;
  const byIdentifier = new Map<SyntaxNode, Binding>();
  for (const scope of syntax.scopes.scopes) {
    for (const binding of scope.bindings.values()) {
      for (const identifier of binding.declaredBy) byIdentifier.set(identifier, binding);
    }
  }
  const found = new Map<Binding, SyntaxNode>();
  const pending = [syntax.program];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.type === "VariableDeclaration" && node.kind === "const") {
      for (const declarator of childrenOf(node, "declarations")) {
        const binding = byIdentifier.get(declarator.id as SyntaxNode);
        const init = childOf(declarator, "init");
        if (binding && init) found.set(binding, init);
      }
    }
    pending.push(...allChildren(node));
  }
  constants.set(syntax, found);
  return found;
}

/**
 * The value of a property, through spreads of literals. A spread that cannot be seen through hides what stands
 * before it, and is returned in place of the value.
 */
function propertyOf(syntax: ModuleSyntax, object: SyntaxNode, name: string): SyntaxNode | null {
  for (const property of [...childrenOf(object, "properties")].reverse()) {
    if (property.type === "SpreadElement") {
      const inner = objectOf(syntax, childOf(property, "argument") ?? undefined);
      const found = inner ? propertyOf(syntax, inner, name) : property;
      if (found) return found;
    } else if (propertyName(property) === name) {
      return property.type === "ObjectMethod" ? property : childOf(property, "value");
    }
  }
  return null;
}

function codeOf(candidate: FoundCandidate, definition: FunctionDefinition): ReadonlyMap<string, SyntaxNode> {
  const nodes = new Map<string, SyntaxNode>();
  for (const property of ["prepare", "run", "runBatch"] as const) {
    if (definition[property] === null) continue;
    const node = propertyOf(candidate.module.syntax, candidate.config, property);
    if (!node || node.type === "SpreadElement") {
      const place = `${candidate.module.path}:${candidate.call.loc.start.line}`;
      throw new Untraceable(`its ${property} is not written in the definition at ${place}`);
    }
    nodes.set(property, node);
  }
  return nodes;
}

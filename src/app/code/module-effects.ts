import type { ModuleSyntax } from "./module-syntax.ts";
import type { Binding } from "./scope.ts";
import {
  allChildren,
  childOf,
  childrenOf,
  isCall,
  isFunction,
  isMember,
  nameOf,
  propertyName,
  type SyntaxNode,
} from "./syntax-node.ts";

/** A piece of code at module level that may change what a name stands for, while the module loads. */
export interface Effect {
  /** The statement, declarator or expression: what counts as code if the name is reached. */
  readonly node: SyntaxNode;
  /** False for the initialiser of a declaration, which mostly reads. */
  readonly isStatement: boolean;
  /** The identifier at the root of what is changed, and the property that follows it. */
  readonly root: SyntaxNode;
  readonly property: string | null;
  readonly form: "assign" | "method" | "argument";
  /** What is called. */
  readonly callee: SyntaxNode | null;
}

const known = new WeakMap<ModuleSyntax, readonly Effect[]>();

export function effectsOf(syntax: ModuleSyntax): readonly Effect[] {
  const before = known.get(syntax);
  if (before) return before;
  const effects = childrenOf(syntax.program, "body").flatMap(effectsOfItem);
  known.set(syntax, effects);
  return effects;
}

/** What is known of a value from the way it is declared. */
export type Nature = "primitive" | "function" | "collection" | "object";

export function natureOf(nodes: readonly SyntaxNode[]): Nature {
  const declaration = nodes[0];
  if (!declaration || nodes.length > 1) return "object";
  const value = declaration.type === "VariableDeclarator" ? childOf(declaration, "init") : declaration;
  if (!value) return "object";
  if (isFunction(value) || value.type.startsWith("Class")) return "function";
  if (/^(String|Numeric|Boolean|BigInt|Null|Template)Literal$/.test(value.type)) return "primitive";
  const isBuiltin = value.type === "NewExpression" && /^(Map|Set)$/.test(nameOf(value.callee));
  return isBuiltin || value.type === "ArrayExpression" ? "collection" : "object";
}

const readers = new Set(
  (
    "at concat entries every filter find findIndex findLast flat flatMap forEach get has includes indexOf join " +
    "keys map reduce reduceRight slice some toReversed toSorted toSpliced toString values with"
  ).split(" "),
);
const iterators = new Set(["forEach", "map", "flatMap", "reduce", "filter", "some", "every"]);

/** Whether an effect on a user's own value of a given nature can change it. Errs towards yes. */
export function canChange(effect: Effect, nature: Nature, syntax: ModuleSyntax): boolean {
  if (effect.form === "assign") return true;
  if (nature === "primitive") return false;
  const method = effect.callee && isMember(effect.callee) ? propertyName(effect.callee) : null;
  if (effect.form === "method") {
    if (nature === "function") return effect.isStatement;
    return nature === "object" || method === null || !readers.has(method);
  }
  const owner = effect.callee && rootOf(effect.callee)?.root;
  if (nature === "function") return /^(Object|Reflect)$/.test(nameOf(owner));
  return !isPureImport(syntax, owner ?? null);
}

/** Makers of schemas and definitions, which change nothing that they are given. */
function isPureImport(syntax: ModuleSyntax, identifier: SyntaxNode | null): boolean {
  const binding: Binding | null | undefined = identifier && syntax.scopes.references.get(identifier);
  const specifier = binding && syntax.imports.get(binding)?.specifier;
  return typeof specifier === "string" && /^(zod|sluice)(\/|$)/.test(specifier);
}

function effectsOfItem(item: SyntaxNode): Effect[] {
  if (/^(Import|ExportAll|Function|Class|TS)/.test(item.type)) return [];
  if (item.type.startsWith("Export")) {
    const declaration = childOf(item, "declaration");
    if (!declaration) return [];
    if (item.type === "ExportDefaultDeclaration") return effectsIn(declaration, declaration, false);
    return effectsOfItem(declaration);
  }
  if (item.type !== "VariableDeclaration") return effectsIn(item, item, true);
  return childrenOf(item, "declarations").flatMap((each) => {
    const init = childOf(each, "init");
    return init ? effectsIn(init, each, false) : [];
  });
}

/** Looks through the code that runs with the module: not into functions that are only handed on. */
function effectsIn(node: SyntaxNode, whole: SyntaxNode, isStatement: boolean): Effect[] {
  const effects: Effect[] = [];
  const add = (target: SyntaxNode, form: Effect["form"], callee: SyntaxNode | null) => {
    const found = rootOf(target);
    if (found) effects.push({ node: whole, isStatement, ...found, form, callee });
  };
  const visit = (at: SyntaxNode): void => {
    if (isFunction(at)) return;
    for (const target of assignedIn(at)) add(target, "assign", null);
    if (isCall(at) || at.type === "NewExpression") visitCall(at, add, visit);
    for (const child of allChildren(at)) visit(child);
  };
  visit(node);
  return effects;
}

type AddEffect = (target: SyntaxNode, form: Effect["form"], callee: SyntaxNode | null) => void;

function visitCall(call: SyntaxNode, add: AddEffect, visit: (node: SyntaxNode) => void): void {
  const callee = childOf(call, "callee");
  if (!callee) return;
  const args = childrenOf(call, "arguments");
  if (isMember(callee) && call.type !== "NewExpression") add(callee, "method", callee);
  const printed = isMember(callee) && nameOf(callee.object) === "console";
  if (!printed) for (const arg of args) add(arg, "argument", callee);
  const runsArguments = isMember(callee) && iterators.has(propertyName(callee) ?? "");
  const run = [callee, ...(runsArguments ? args : [])].filter(isFunction);
  for (const body of run) for (const child of allChildren(body)) visit(child);
}

/** The targets that an assignment, update or `delete` writes to. */
function assignedIn(node: SyntaxNode): readonly SyntaxNode[] {
  if (node.type === "AssignmentExpression") return targetsOf(node.left as SyntaxNode);
  const isDelete = node.type === "UnaryExpression" && node.operator === "delete";
  const isLoop = node.type === "ForInStatement" || node.type === "ForOfStatement";
  if (isLoop) return targetsOf(node.left as SyntaxNode);
  return node.type === "UpdateExpression" || isDelete ? targetsOf(node.argument as SyntaxNode) : [];
}

function targetsOf(pattern: SyntaxNode): readonly SyntaxNode[] {
  switch (pattern.type) {
    case "ObjectPattern":
      return childrenOf(pattern, "properties").flatMap((property) =>
        targetsOf((property.value ?? property.argument) as SyntaxNode),
      );
    case "ArrayPattern":
      return childrenOf(pattern, "elements").flatMap(targetsOf);
    case "AssignmentPattern":
      return targetsOf(pattern.left as SyntaxNode);
    case "RestElement":
      return targetsOf(pattern.argument as SyntaxNode);
    default:
      return [pattern];
  }
}

/** The identifier at the root of `a.b.c`, and `b`. */
function rootOf(node: SyntaxNode): { readonly root: SyntaxNode; readonly property: string | null } | null {
  let at: SyntaxNode | null = node;
  let property: string | null = null;
  while (at && isMember(at)) {
    property = propertyName(at);
    at = childOf(at, "object");
  }
  return at?.type === "Identifier" ? { root: at, property } : null;
}

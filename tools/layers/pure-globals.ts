import ts from "typescript";
import { lineOf, walk } from "../project/source-tree.ts";
import { isDeclaredInFile } from "./scope.ts";

/** A use of a global that a pure layer must reach through a port. */
export interface GlobalUse {
  /** `Date`, `Math.random`, … */
  readonly name: string;
  readonly line: number;
}

/** Globals whose every use is one: they give the time, chance, output, or a way to any other. */
const impure = new Set([
  "console",
  "process",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "performance",
  "fetch",
  "global",
  "crypto",
]);

/** Globals of which only some uses are pure. */
const partlyPure: Readonly<Record<string, (use: ts.Identifier) => string | null>> = {
  Date: (use) => (isPureDate(use) ? null : "Date"),
  Math: (use) => {
    const member = memberOf(use);
    if (member === null) return "Math";
    return member === "random" ? "Math.random" : null;
  },
  globalThis: (use) => (isUnderOwnSymbols(use) ? null : "globalThis"),
  AbortSignal: (use) => (memberOf(use) === "timeout" ? "AbortSignal.timeout" : null),
};

/** The uses of impure globals in a module; names that it declares itself are not globals. */
export function findGlobalUses(tree: ts.SourceFile): GlobalUse[] {
  const uses: GlobalUse[] = [];
  walk(tree, (node) => {
    if (!ts.isIdentifier(node) || !isValueReference(node)) return;
    const name = impure.has(node.text) ? node.text : impureUseOf(node);
    if (name !== null && !isDeclaredInFile(node)) {
      uses.push({ name, line: lineOf(tree, node.getStart(tree)) });
    }
  });
  return uses;
}

function impureUseOf(node: ts.Identifier): string | null {
  return Object.hasOwn(partlyPure, node.text) ? partlyPure[node.text]!(node) : null;
}

/** `new Date(something)` and the static functions that compute from their arguments. */
function isPureDate(use: ts.Identifier): boolean {
  const parent = use.parent;
  if (ts.isNewExpression(parent)) return parent.expression === use && (parent.arguments?.length ?? 0) > 0;
  if (ts.isBinaryExpression(parent)) return parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
  return ["UTC", "parse", "prototype"].includes(memberOf(use) ?? "");
}

/** `globalThis as { [place]?: … }`: a place of our own, shared by copies of the package, and no other global. */
function isUnderOwnSymbols(use: ts.Identifier): boolean {
  const { parent } = use;
  if (!ts.isAsExpression(parent) || !ts.isTypeLiteralNode(parent.type)) return false;
  return parent.type.members.every(({ name }) => name && ts.isComputedPropertyName(name));
}

/** `b` of `a.b` and `a["b"]`; null where `a` is used whole or by a computed name. */
function memberOf(use: ts.Identifier): string | null {
  const parent = use.parent;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === use) return parent.name.text;
  if (ts.isElementAccessExpression(parent) && ts.isStringLiteralLike(parent.argumentExpression)) {
    return parent.argumentExpression.text;
  }
  return null;
}

/** Whether the identifier stands for a value, rather than naming a property, a declaration or a type. */
function isValueReference(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  if ("name" in parent && parent.name === node) return false;
  return !ts.findAncestor(node, (one) => ts.isTypeNode(one) && !ts.isExpressionWithTypeArguments(one));
}

import { isNode, nameOf, type SyntaxNode } from "./syntax-node.ts";

/** What TypeScript adds that exists while the program runs; every other `TS…` node is a type. */
const meaningful = new Set([
  "TSEnumDeclaration",
  "TSEnumBody",
  "TSEnumMember",
  "TSModuleDeclaration",
  "TSModuleBlock",
  "TSParameterProperty",
  "TSExportAssignment",
  "TSImportEqualsDeclaration",
  "TSExternalModuleReference",
  "TSQualifiedName",
]);

const wrappers = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
]);

const typeKeys = [
  "typeAnnotation",
  "typeParameters",
  "typeArguments",
  "returnType",
  "superTypeParameters",
  "superTypeArguments",
  "implements",
  "accessibility",
  "readonly",
  "override",
  "definite",
  "abstract",
  "importKind",
  "exportKind",
];

const listsOfStatements = new Set(["body", "consequent"]);

/**
 * Takes everything from the tree that only the type checker reads, in place, so that what follows sees
 * JavaScript and the few TypeScript forms that run. Null where nothing of the node remains.
 */
export function stripTypes(node: SyntaxNode): SyntaxNode | null {
  if (wrappers.has(node.type)) return stripTypes(node.expression as SyntaxNode);
  if (isTypeOnly(node)) return null;
  for (const key of typeKeys) if (key in node) delete node[key];
  // On a member or call `optional` is `?.`; elsewhere it is the `?` of a type.
  if (!node.type.startsWith("Optional")) delete node.optional;
  for (const key of Object.keys(node)) node[key] = stripValue(key, node[key]);
  return isEmptied(node) ? null : node;
}

function isEmptied(node: SyntaxNode): boolean {
  if (node.type === "TSModuleDeclaration") return !hasValues(node);
  if (node.type === "ExportDefaultDeclaration") return !node.declaration;
  if (node.type !== "ExportNamedDeclaration" || node.declaration || node.source) return false;
  return Array.isArray(node.specifiers) && node.specifiers.length === 0;
}

function stripValue(key: string, value: unknown): unknown {
  if (!Array.isArray(value)) return isNode(value) ? (stripTypes(value) ?? undefined) : value;
  const kept: unknown[] = [];
  for (const item of value) {
    if (!isNode(item)) {
      kept.push(item);
      continue;
    }
    if (key === "params" && item.type === "Identifier" && nameOf(item) === "this") continue;
    if (listsOfStatements.has(key) && item.type === "EmptyStatement") continue;
    const stripped = stripTypes(item);
    if (stripped) kept.push(stripped);
  }
  return kept;
}

function isTypeOnly(node: SyntaxNode): boolean {
  if (node.declare === true) return true;
  if (node.importKind === "type" || node.importKind === "typeof") return true;
  if (node.exportKind === "type" && node.type !== "ExportDefaultDeclaration") return true;
  // No `{}` either: an import of nothing but types is no import.
  if (node.type === "ImportDeclaration") return hasOnlyTypeSpecifiers(node);
  if (node.abstract === true && node.type.startsWith("Class") && node.type !== "ClassDeclaration") {
    return node.type !== "ClassExpression";
  }
  return node.type.startsWith("TS") && !meaningful.has(node.type);
}

function hasOnlyTypeSpecifiers(node: SyntaxNode): boolean {
  const specifiers = node.specifiers;
  if (!Array.isArray(specifiers) || specifiers.length === 0) return false;
  return specifiers.every((specifier: SyntaxNode) => specifier.importKind === "type");
}

function hasValues(module: SyntaxNode): boolean {
  const body = module.body;
  if (!isNode(body)) return false;
  if (body.type === "TSModuleDeclaration") return true;
  return Array.isArray(body.body) && body.body.length > 0;
}

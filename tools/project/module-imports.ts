import ts from "typescript";
import { lineOf, walk } from "./source-tree.ts";

/** One place where a module names another. */
export interface ModuleImport {
  /** Null where it is computed, so that nobody can tell. */
  readonly specifier: string | null;
  readonly line: number;
  /** The exports that are taken, by their names over there; null means all of them. */
  readonly names: readonly string[] | null;
  /** Whether it is an `export … from`. */
  readonly passesOn: boolean;
}

/**
 * Everything a module imports: static, dynamic, type-only and re-exported, `import("x")` types, `require`,
 * module augmentations and triple-slash references.
 */
export function collectImports(tree: ts.SourceFile): ModuleImport[] {
  const found: ModuleImport[] = [];
  const add = (at: ts.Node, specifier: ts.Node | undefined, names: readonly string[] | null) => {
    const text = specifier && ts.isStringLiteralLike(specifier) ? specifier.text : null;
    const passesOn = ts.isExportDeclaration(at);
    found.push({ specifier: text, line: lineOf(tree, at.getStart(tree)), names, passesOn });
  };
  walk(tree, (node) => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, importedNames(node.importClause));
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier)
      add(node, node.moduleSpecifier, reExportedNames(node));
    else if (ts.isImportTypeNode(node)) add(node, importTypeSpecifier(node), importTypeNames(node));
    else if (ts.isExternalModuleReference(node)) add(node, node.expression, null);
    else if (ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name)) add(node, node.name, []);
    else if (isImportCall(node)) add(node, node.arguments[0], null);
    else if (isResolvedName(node)) add(node, node.arguments[0], []);
  });
  return [...found, ...references(tree)];
}

function references(tree: ts.SourceFile): ModuleImport[] {
  const paths = [...tree.referencedFiles, ...tree.typeReferenceDirectives];
  return paths.map(({ fileName, pos }) => ({
    specifier: fileName,
    line: lineOf(tree, pos),
    names: null,
    passesOn: false,
  }));
}

/** `import.meta.resolve("x")`. Of a computed name it finds files of packages that users choose, and runs nothing. */
function isResolvedName(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const isMeta = ts.isMetaProperty(node.expression.expression);
  return isMeta && ts.isStringLiteralLike(node.arguments[0] ?? node);
}

/** `import(…)`, `require(…)` and `require.resolve(…)`, under whatever name ends in `require`. */
function isImportCall(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node)) return false;
  const callee = node.expression;
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isIdentifier(callee)) return /require$/i.test(callee.text) && !makesNamedRequire(callee, node);
  return (
    ts.isPropertyAccessExpression(callee) &&
    ts.isIdentifier(callee.expression) &&
    /^require$/i.test(callee.expression.text)
  );
}

/** `const lanceRequire = createRequire(…)` itself imports nothing, and the calls of what it makes are seen by its name. */
function makesNamedRequire(callee: ts.Identifier, { parent }: ts.CallExpression): boolean {
  const isNamed = ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name);
  return callee.text === "createRequire" && isNamed && /require$/i.test(parent.name.text);
}

function importedNames(clause: ts.ImportClause | undefined): readonly string[] | null {
  if (!clause) return [];
  const names = clause.name ? ["default"] : [];
  const bindings = clause.namedBindings;
  if (!bindings) return names;
  if (ts.isNamespaceImport(bindings)) return null;
  return [...names, ...bindings.elements.map((element) => (element.propertyName ?? element.name).text)];
}

function reExportedNames(node: ts.ExportDeclaration): readonly string[] | null {
  if (!node.exportClause || ts.isNamespaceExport(node.exportClause)) return null;
  return node.exportClause.elements.map((element) => (element.propertyName ?? element.name).text);
}

function importTypeSpecifier(node: ts.ImportTypeNode): ts.Node | undefined {
  return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
}

function importTypeNames(node: ts.ImportTypeNode): readonly string[] | null {
  let name: ts.Node | undefined = node.qualifier;
  while (name && ts.isQualifiedName(name)) name = name.left;
  return name && ts.isIdentifier(name) ? [name.text] : null;
}

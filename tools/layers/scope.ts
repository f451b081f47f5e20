import ts from "typescript";

const namesOfScope = new WeakMap<ts.Node, ReadonlySet<string>>();

/** Whether an enclosing scope of the same file declares the identifier. */
export function isDeclaredInFile(use: ts.Identifier): boolean {
  return Boolean(ts.findAncestor(use, (node) => declaredNames(node).has(use.text)));
}

/** The names that a node declares for what is inside it. */
function declaredNames(scope: ts.Node): ReadonlySet<string> {
  let names = namesOfScope.get(scope);
  if (!names) {
    names = new Set(declarations(scope).flatMap(boundNames));
    namesOfScope.set(scope, names);
  }
  return names;
}

function declarations(scope: ts.Node): ts.Node[] {
  if (ts.isSourceFile(scope) || ts.isBlock(scope) || ts.isModuleBlock(scope)) return [...scope.statements];
  if (ts.isCaseBlock(scope)) return scope.clauses.flatMap((clause) => [...clause.statements]);
  if (ts.isFunctionLike(scope)) return [...scope.parameters, scope];
  if (ts.isForStatement(scope) || ts.isForOfStatement(scope) || ts.isForInStatement(scope)) {
    return scope.initializer ? [scope.initializer] : [];
  }
  if (ts.isCatchClause(scope)) return scope.variableDeclaration ? [scope.variableDeclaration] : [];
  return ts.isClassLike(scope) ? [scope] : [];
}

function boundNames(node: ts.Node): string[] {
  if (ts.isVariableStatement(node)) return boundNames(node.declarationList);
  if (ts.isVariableDeclarationList(node)) return node.declarations.flatMap(boundNames);
  if (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node)) {
    return patternNames(node.name);
  }
  if (ts.isImportDeclaration(node)) return node.importClause ? importNames(node.importClause) : [];
  if (isAmbient(node)) return [];
  if (ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node))
    return node.name ? [node.name.text] : [];
  if (ts.isClassLike(node) || ts.isEnumDeclaration(node)) return node.name ? [node.name.text] : [];
  return [];
}

/** `declare const process: …` names the global itself. */
function isAmbient(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    Boolean(ts.getModifiers(node)?.some((one) => one.kind === ts.SyntaxKind.DeclareKeyword))
  );
}

function patternNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element) : []));
}

function importNames(clause: ts.ImportClause): string[] {
  const bindings = clause.namedBindings;
  const named = !bindings
    ? []
    : ts.isNamespaceImport(bindings)
      ? [bindings.name.text]
      : bindings.elements.map((element) => element.name.text);
  return clause.name ? [clause.name.text, ...named] : named;
}

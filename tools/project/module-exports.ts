import ts from "typescript";
import { lineOf } from "./source-tree.ts";

/** One name that a module exports. */
export interface ModuleExport {
  readonly name: string;
  readonly line: number;
  /** Its declarations where it is made here; empty where it is passed on. */
  readonly declarations: readonly ts.Declaration[];
  /** Where it comes from when it is passed on; a null name is the whole module. */
  readonly from: { readonly specifier: string; readonly name: string | null } | null;
}

export interface ModuleExports {
  readonly named: ReadonlyMap<string, ModuleExport>;
  /** The modules of `export * from`. */
  readonly stars: readonly string[];
}

/** What a module exports, by name. */
export function collectExports(tree: ts.SourceFile): ModuleExports {
  const named = new Map<string, ModuleExport>();
  const stars: string[] = [];
  const imported = importedBindings(tree);
  const declared = topLevelDeclarations(tree);
  const add = (name: string, at: ts.Node, more: Partial<ModuleExport>) => {
    const line = named.get(name)?.line ?? lineOf(tree, at.getStart(tree));
    named.set(name, { name, line, declarations: [], from: null, ...more });
  };
  for (const statement of tree.statements) {
    if (ts.isExportDeclaration(statement)) collectClause(statement, add, stars, imported, declared);
    else if (ts.isExportAssignment(statement)) add("default", statement, { declarations: [statement] });
  }
  for (const [local, declarations] of declared) {
    const exported = declarations.find(isExported);
    if (exported) add(isDefault(exported) ? "default" : local, exported, { declarations });
  }
  return { named, stars };
}

type Add = (name: string, at: ts.Node, more: Partial<ModuleExport>) => void;

function collectClause(
  statement: ts.ExportDeclaration,
  add: Add,
  stars: string[],
  imported: ReadonlyMap<string, ModuleExport["from"]>,
  declared: ReadonlyMap<string, ts.Declaration[]>,
): void {
  const specifier = textOf(statement.moduleSpecifier);
  const clause = statement.exportClause;
  if (!clause) {
    if (specifier !== null) stars.push(specifier);
  } else if (ts.isNamespaceExport(clause)) {
    add(clause.name.text, clause, { from: specifier === null ? null : { specifier, name: null } });
  } else {
    for (const element of clause.elements) {
      const source = (element.propertyName ?? element.name).text;
      const from = specifier === null ? (imported.get(source) ?? null) : { specifier, name: source };
      const declarations = from ? [] : (declared.get(source) ?? []);
      add(element.name.text, element, { from, declarations });
    }
  }
}

function textOf(node: ts.Expression | undefined): string | null {
  return node && ts.isStringLiteral(node) ? node.text : null;
}

function importedBindings(tree: ts.SourceFile): Map<string, ModuleExport["from"]> {
  const bindings = new Map<string, ModuleExport["from"]>();
  for (const statement of tree.statements) {
    if (!ts.isImportDeclaration(statement) || !statement.importClause) continue;
    const specifier = textOf(statement.moduleSpecifier) ?? "";
    const { name, namedBindings } = statement.importClause;
    if (name) bindings.set(name.text, { specifier, name: "default" });
    if (!namedBindings) continue;
    if (ts.isNamespaceImport(namedBindings)) bindings.set(namedBindings.name.text, { specifier, name: null });
    else {
      for (const one of namedBindings.elements) {
        bindings.set(one.name.text, { specifier, name: (one.propertyName ?? one.name).text });
      }
    }
  }
  return bindings;
}

function topLevelDeclarations(tree: ts.SourceFile): Map<string, ts.Declaration[]> {
  const found = new Map<string, ts.Declaration[]>();
  const add = (name: ts.Node | undefined, declaration: ts.Declaration) => {
    const text = name && ts.isIdentifier(name) ? name.text : "default";
    found.set(text, [...(found.get(text) ?? []), declaration]);
  };
  for (const statement of tree.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const one of statement.declarationList.declarations) {
        for (const name of boundIdentifiers(one.name)) add(name, one);
      }
    } else if (isNamedDeclaration(statement)) add(statement.name, statement);
  }
  return found;
}

function boundIdentifiers(name: ts.BindingName): ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((one) => (ts.isBindingElement(one) ? boundIdentifiers(one.name) : []));
}

function isNamedDeclaration(node: ts.Statement) {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isModuleDeclaration(node)
  );
}

function isExported(declaration: ts.Declaration): boolean {
  return Boolean(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export);
}

function isDefault(declaration: ts.Declaration): boolean {
  return Boolean(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Default);
}

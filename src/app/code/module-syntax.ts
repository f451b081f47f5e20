import { type ParsedSource, parseSource } from "./parse-source.ts";
import { analyseScopes, type Binding, type ScopeAnalysis } from "./scope.ts";
import { childOf, childrenOf, encloses, nameOf, type SyntaxNode } from "./syntax-node.ts";
import { treeCacheAbove } from "./tree-cache.ts";

/** A name of another module; `*` is the whole namespace, `default` the default export. */
export interface ImportedName {
  readonly specifier: string;
  readonly name: string;
}

export type ExportedName =
  | { readonly kind: "binding"; readonly binding: Binding }
  | { readonly kind: "expression"; readonly node: SyntaxNode }
  | { readonly kind: "import"; readonly imported: ImportedName };

/** One file, parsed: what it binds, takes and gives. */
export interface ModuleSyntax {
  readonly program: SyntaxNode;
  /** CommonJS or a script: what it exports cannot be told apart. */
  readonly isOpaque: boolean;
  readonly scopes: ScopeAnalysis;
  readonly imports: ReadonlyMap<Binding, ImportedName>;
  /** `export =` is under the name `=`. */
  readonly exports: ReadonlyMap<string, ExportedName>;
  /** Modules of `export *`. */
  readonly stars: readonly string[];
  /** Modules that are imported for what they do. */
  readonly sideEffects: readonly string[];
}

interface Draft {
  readonly scopes: ScopeAnalysis;
  readonly imports: Map<Binding, ImportedName>;
  readonly exports: Map<string, ExportedName>;
  readonly stars: string[];
  readonly sideEffects: string[];
}

export function readModuleSyntax(path: string, text: string): ModuleSyntax {
  const { program, isModule }: ParsedSource = parseSource(path, text, treeCacheAbove(path));
  const draft: Draft = {
    scopes: analyseScopes(program),
    imports: new Map(),
    exports: new Map(),
    stars: [],
    sideEffects: [],
  };
  const body = childrenOf(program, "body");
  // Imports first: what is exported may be imported further down.
  for (const item of body) addImports(draft, item);
  for (const item of body) addExports(draft, item);
  return { program, isOpaque: !isModule, ...draft };
}

/** The parts of a module that declare a binding: declarators, functions, classes, enums, or whole statements. */
export function declarationsOf(syntax: ModuleSyntax, binding: Binding): readonly SyntaxNode[] {
  const before = declarations.get(binding);
  if (before) return before;
  const found = new Set<SyntaxNode>();
  for (const identifier of binding.declaredBy) {
    const statement = childrenOf(syntax.program, "body").find((item) => encloses(item, identifier));
    if (statement) found.add(declarationAround(statement, identifier));
  }
  const nodes = [...found];
  declarations.set(binding, nodes);
  return nodes;
}

const declarations = new WeakMap<Binding, readonly SyntaxNode[]>();

function declarationAround(statement: SyntaxNode, identifier: SyntaxNode): SyntaxNode {
  const isExport = /^Export(Named|Default)Declaration$/.test(statement.type);
  const declaration = (isExport && childOf(statement, "declaration")) || statement;
  if (declaration.type !== "VariableDeclaration") return declaration;
  const declarators = childrenOf(declaration, "declarations");
  return declarators.find((declarator) => encloses(declarator, identifier)) ?? declaration;
}

function addImports(draft: Draft, item: SyntaxNode): void {
  if (item.type === "TSImportEqualsDeclaration") {
    addImportEquals(draft, item);
    return;
  }
  if (item.type !== "ImportDeclaration") return;
  const specifier = sourceOf(item);
  const names = childrenOf(item, "specifiers");
  if (names.length === 0) draft.sideEffects.push(specifier);
  for (const each of names) {
    const binding = draft.scopes.module.bindings.get(nameOf(each.local));
    if (binding) draft.imports.set(binding, { specifier, name: importedNameOf(each) });
  }
}

function importedNameOf(specifier: SyntaxNode): string {
  if (specifier.type === "ImportNamespaceSpecifier") return "*";
  return specifier.type === "ImportDefaultSpecifier" ? "default" : nameOf(specifier.imported);
}

function addImportEquals(draft: Draft, item: SyntaxNode): void {
  const reference = childOf(item, "moduleReference");
  const binding = draft.scopes.module.bindings.get(nameOf(item.id));
  if (!binding) return;
  if (reference?.type === "TSExternalModuleReference") {
    draft.imports.set(binding, { specifier: nameOf(reference.expression), name: "*" });
  }
  if (item.isExport === true) draft.exports.set(binding.name, { kind: "binding", binding });
}

function addExports(draft: Draft, item: SyntaxNode): void {
  if (item.type === "ExportAllDeclaration") draft.stars.push(sourceOf(item));
  else if (item.type === "ExportDefaultDeclaration")
    addDefault(draft, "default", childOf(item, "declaration"));
  else if (item.type === "TSExportAssignment") addDefault(draft, "=", childOf(item, "expression"));
  else if (item.type === "ExportNamedDeclaration") addNamed(draft, item);
}

function addDefault(draft: Draft, name: string, node: SyntaxNode | null): void {
  if (!node) return;
  const own = node.type === "Identifier" ? nameOf(node) : nameOf(node.id);
  const isName = node.type === "Identifier" || node.type.endsWith("Declaration");
  const binding = isName ? draft.scopes.module.bindings.get(own) : undefined;
  draft.exports.set(name, binding ? { kind: "binding", binding } : { kind: "expression", node });
}

function addNamed(draft: Draft, item: SyntaxNode): void {
  const declaration = childOf(item, "declaration");
  if (declaration) {
    addDeclared(draft, declaration);
    return;
  }
  const specifier = sourceOf(item);
  for (const each of childrenOf(item, "specifiers")) {
    const exported = nameOf(each.exported);
    if (specifier) {
      const name = each.type === "ExportNamespaceSpecifier" ? "*" : nameOf(each.local);
      draft.exports.set(exported, { kind: "import", imported: { specifier, name } });
      continue;
    }
    const binding = draft.scopes.module.bindings.get(nameOf(each.local));
    if (binding) draft.exports.set(exported, { kind: "binding", binding });
  }
}

function addDeclared(draft: Draft, declaration: SyntaxNode): void {
  for (const binding of draft.scopes.module.bindings.values()) {
    if (!binding.declaredBy.some((identifier) => encloses(declaration, identifier))) continue;
    draft.exports.set(binding.name, { kind: "binding", binding });
  }
}

/** The module that a declaration names; "" for none. */
function sourceOf(item: SyntaxNode): string {
  return nameOf(item.source);
}

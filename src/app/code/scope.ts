import {
  allChildren,
  childOf,
  childrenOf,
  isFunction,
  isMember,
  nameOf,
  type SyntaxNode,
} from "./syntax-node.ts";

/** One name in one scope. */
export interface Binding {
  readonly name: string;
  readonly scope: Scope;
  /** The identifiers that declare it: several for overloads, merged namespaces and repeated `var`. */
  readonly declaredBy: SyntaxNode[];
}

export interface Scope {
  readonly node: SyntaxNode;
  readonly parent: Scope | null;
  /** True where `var` stops. */
  readonly holdsVars: boolean;
  readonly bindings: Map<string, Binding>;
}

export interface ScopeAnalysis {
  readonly module: Scope;
  readonly scopes: readonly Scope[];
  /** Every identifier that stands for a variable when the program runs; null for one that the file does not bind. */
  readonly references: ReadonlyMap<SyntaxNode, Binding | null>;
  /** For each `this`, `super`, `new.target` and `arguments` the function, class or program that gives it its meaning. */
  readonly receivers: ReadonlyMap<SyntaxNode, SyntaxNode>;
}

/** Which variable each identifier of a program means. Takes a tree that has been through `stripTypes`. */
export function analyseScopes(program: SyntaxNode): ScopeAnalysis {
  return new ScopeWalk(program).finish();
}

export function lookUp(scope: Scope | null, name: string): Binding | null {
  for (let at = scope; at; at = at.parent) {
    const binding = at.bindings.get(name);
    if (binding) return binding;
  }
  return null;
}

/** The innermost scope around a node. */
export function scopeAround(analysis: ScopeAnalysis, node: SyntaxNode): Scope {
  let best = analysis.module;
  for (const scope of analysis.scopes) {
    const fits = scope.node.start <= node.start && node.end <= scope.node.end && scope.node !== node;
    if (fits && scope.node.end - scope.node.start <= best.node.end - best.node.start) best = scope;
  }
  return best;
}

const blocks = new Set([
  "BlockStatement",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "SwitchStatement",
  "StaticBlock",
]);
const fields = new Set(["ClassProperty", "ClassPrivateProperty", "ClassAccessorProperty"]);

class ScopeWalk {
  private readonly module: Scope;
  private readonly scopes: Scope[] = [];
  private readonly found: [SyntaxNode, Scope][] = [];
  private readonly receivers = new Map<SyntaxNode, SyntaxNode>();
  private receiver: SyntaxNode;

  constructor(program: SyntaxNode) {
    this.receiver = program;
    this.module = this.open(program, null, true);
    this.children(program, this.module);
  }

  /** References are resolved at the end, when every hoisted name is known. */
  finish(): ScopeAnalysis {
    const references = new Map<SyntaxNode, Binding | null>();
    for (const [node, scope] of this.found) references.set(node, lookUp(scope, nameOf(node)));
    return { module: this.module, scopes: this.scopes, references, receivers: this.receivers };
  }

  private open(node: SyntaxNode, parent: Scope | null, holdsVars = false): Scope {
    const scope: Scope = { node, parent, holdsVars, bindings: new Map() };
    this.scopes.push(scope);
    return scope;
  }

  private declare(identifier: SyntaxNode, scope: Scope): void {
    const name = nameOf(identifier);
    const known = scope.bindings.get(name);
    if (known) known.declaredBy.push(identifier);
    else scope.bindings.set(name, { name, scope, declaredBy: [identifier] });
  }

  private children(node: SyntaxNode, scope: Scope): void {
    for (const child of allChildren(node)) this.walk(child, scope);
  }

  private maybe(node: SyntaxNode | null, scope: Scope): void {
    if (node) this.walk(node, scope);
  }

  private walk(node: SyntaxNode, scope: Scope): void {
    if (isFunction(node)) this.walkFunction(node, scope);
    else if (node.type === "ClassDeclaration" || node.type === "ClassExpression") this.walkClass(node, scope);
    else if (blocks.has(node.type)) this.walkBlock(node, scope);
    else if (fields.has(node.type)) this.walkField(node, scope);
    else if (node.type.startsWith("TS")) this.walkTypeScript(node, scope);
    else if (node.type.startsWith("JSX")) this.walkJsx(node, scope);
    else if (/^(Import|Export)/.test(node.type)) this.walkModuleItem(node, scope);
    else this.walkOther(node, scope);
  }

  private walkOther(node: SyntaxNode, scope: Scope): void {
    switch (node.type) {
      case "Identifier":
        this.found.push([node, scope]);
        if (nameOf(node) === "arguments") this.receivers.set(node, this.receiver);
        return;
      case "ThisExpression":
      case "Super":
      case "MetaProperty":
        if (nameOf(node.meta) !== "import") this.receivers.set(node, this.receiver);
        return;
      case "VariableDeclaration":
        this.walkVariables(node, scope);
        return;
      case "CatchClause": {
        const inner = this.open(node, scope);
        const param = childOf(node, "param");
        if (param) this.pattern(param, inner, inner);
        this.maybe(childOf(node, "body"), inner);
        return;
      }
      case "LabeledStatement":
        this.maybe(childOf(node, "body"), scope);
        return;
      case "PrivateName":
      case "BreakStatement":
      case "ContinueStatement":
        return;
      default:
        this.walkExpression(node, scope);
        return;
    }
  }

  private walkExpression(node: SyntaxNode, scope: Scope): void {
    if (isMember(node)) {
      this.maybe(childOf(node, "object"), scope);
      if (node.computed === true) this.maybe(childOf(node, "property"), scope);
    } else if (node.type === "ObjectProperty") {
      if (node.computed === true) this.maybe(childOf(node, "key"), scope);
      this.maybe(childOf(node, "value"), scope);
    } else this.children(node, scope);
  }

  private walkVariables(node: SyntaxNode, scope: Scope): void {
    let target = scope;
    if (node.kind === "var") while (!target.holdsVars && target.parent) target = target.parent;
    for (const declarator of childrenOf(node, "declarations")) {
      const id = childOf(declarator, "id");
      if (id) this.pattern(id, target, scope);
      this.maybe(childOf(declarator, "init"), scope);
    }
  }

  /** Declares the names of a pattern in `target`; its defaults and computed keys are read in `scope`. */
  private pattern(node: SyntaxNode, target: Scope, scope: Scope): void {
    for (const decorator of childrenOf(node, "decorators")) this.walk(decorator, scope);
    switch (node.type) {
      case "Identifier":
        this.declare(node, target);
        return;
      case "TSParameterProperty":
        this.pattern(node.parameter as SyntaxNode, target, scope);
        return;
      case "AssignmentPattern":
        this.pattern(node.left as SyntaxNode, target, scope);
        this.walk(node.right as SyntaxNode, scope);
        return;
      case "RestElement":
        this.pattern(node.argument as SyntaxNode, target, scope);
        return;
      case "ArrayPattern":
        for (const element of childrenOf(node, "elements")) this.pattern(element, target, scope);
        return;
      case "ObjectPattern":
        for (const property of childrenOf(node, "properties")) this.pattern(property, target, scope);
        return;
      case "ObjectProperty":
        if (node.computed === true) this.maybe(childOf(node, "key"), scope);
        this.pattern(node.value as SyntaxNode, target, scope);
        return;
      default:
        this.walk(node, scope);
        return;
    }
  }

  private walkFunction(node: SyntaxNode, scope: Scope): void {
    for (const decorator of childrenOf(node, "decorators")) this.walk(decorator, scope);
    if (node.computed === true) this.maybe(childOf(node, "key"), scope);
    const id = childOf(node, "id");
    if (id && node.type === "FunctionDeclaration") this.declare(id, scope);
    const inner = this.open(node, scope, true);
    if (id && node.type === "FunctionExpression") this.declare(id, inner);
    const arrow = node.type === "ArrowFunctionExpression";
    this.within(arrow ? this.receiver : node, () => {
      for (const param of childrenOf(node, "params")) this.pattern(param, inner, inner);
      const body = childOf(node, "body");
      // The body shares the scope of the parameters, so it is not opened as a block.
      if (body?.type === "BlockStatement") this.children(body, inner);
      else this.maybe(body, inner);
    });
  }

  private walkClass(node: SyntaxNode, scope: Scope): void {
    for (const decorator of childrenOf(node, "decorators")) this.walk(decorator, scope);
    const id = childOf(node, "id");
    if (id && node.type === "ClassDeclaration") this.declare(id, scope);
    const inner = this.open(node, scope);
    if (id && node.type === "ClassExpression") this.declare(id, inner);
    this.maybe(childOf(node, "superClass"), inner);
    this.maybe(childOf(node, "body"), inner);
  }

  private walkField(node: SyntaxNode, scope: Scope): void {
    for (const decorator of childrenOf(node, "decorators")) this.walk(decorator, scope);
    if (node.computed === true) this.maybe(childOf(node, "key"), scope);
    this.within(node, () => this.maybe(childOf(node, "value"), scope));
  }

  private walkBlock(node: SyntaxNode, scope: Scope): void {
    const isStatic = node.type === "StaticBlock";
    const inner = this.open(node, scope, isStatic);
    this.within(isStatic ? node : this.receiver, () => this.children(node, inner));
  }

  private within(receiver: SyntaxNode, walk: () => void): void {
    const before = this.receiver;
    this.receiver = receiver;
    walk();
    this.receiver = before;
  }

  private walkTypeScript(node: SyntaxNode, scope: Scope): void {
    const id = childOf(node, "id");
    if (node.type === "TSEnumDeclaration") {
      this.walkEnum(node, id, scope);
      return;
    }
    if (node.type === "TSModuleDeclaration") {
      if (id?.type === "Identifier") this.declare(id, scope);
      this.maybe(childOf(node, "body"), this.open(node, scope, true));
      return;
    }
    if (node.type === "TSImportEqualsDeclaration") {
      if (id) this.declare(id, scope);
      this.maybe(childOf(node, "moduleReference"), scope);
      return;
    }
    if (node.type === "TSQualifiedName") {
      this.maybe(childOf(node, "left"), scope);
      return;
    }
    if (node.type === "TSEnumMember") {
      this.maybe(childOf(node, "initializer"), scope);
      return;
    }
    this.children(node, scope);
  }

  private walkEnum(node: SyntaxNode, id: SyntaxNode | null, scope: Scope): void {
    if (id) this.declare(id, scope);
    const inner = this.open(node, scope);
    const members = childrenOf(childOf(node, "body") ?? node, "members");
    for (const member of members) {
      const name = childOf(member, "id");
      if (name?.type === "Identifier") this.declare(name, inner);
      this.walk(member, inner);
    }
  }

  private walkJsx(node: SyntaxNode, scope: Scope): void {
    if (node.type === "JSXIdentifier") {
      // A lower-case tag names an element; a component is a variable.
      if (!/^[a-z]/.test(nameOf(node))) this.found.push([node, scope]);
    } else if (node.type === "JSXMemberExpression") {
      const object = childOf(node, "object");
      if (object?.type === "JSXIdentifier") this.found.push([object, scope]);
      else this.maybe(object, scope);
    } else if (node.type === "JSXAttribute") this.maybe(childOf(node, "value"), scope);
    else if (node.type !== "JSXNamespacedName") this.children(node, scope);
  }

  private walkModuleItem(node: SyntaxNode, scope: Scope): void {
    if (node.type === "ImportDeclaration") {
      for (const specifier of childrenOf(node, "specifiers")) {
        this.declare(specifier.local as SyntaxNode, scope);
      }
    } else if (node.type === "ExportNamedDeclaration" || node.type === "ExportDefaultDeclaration") {
      this.maybe(childOf(node, "declaration"), scope);
    } else if (node.type === "ImportExpression") this.children(node, scope);
  }
}

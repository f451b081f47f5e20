/** A node of the syntax tree: as much of its shape as is common to all. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly loc: { readonly start: Position };
  [key: string]: unknown;
}

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 0. */
  readonly column: number;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";
}

/** The node under `key`, or null. */
export function childOf(node: SyntaxNode, key: string): SyntaxNode | null {
  const value = node[key];
  return isNode(value) ? value : null;
}

/** The nodes of the list under `key`; holes left out. */
export function childrenOf(node: SyntaxNode, key: string): readonly SyntaxNode[] {
  const value = node[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** Every node directly below, in the order of the tree's keys. */
export function* allChildren(node: SyntaxNode): Generator<SyntaxNode> {
  for (const key of Object.keys(node)) {
    const value = node[key];
    if (Array.isArray(value)) yield* value.filter(isNode);
    else if (isNode(value)) yield value;
  }
}

/** The name that an identifier, or a string standing for one, gives; "" for anything else. */
export function nameOf(node: unknown): string {
  if (!isNode(node)) return "";
  if (node.type === "Identifier" || node.type === "JSXIdentifier") return node.name as string;
  if (node.type === "StringLiteral") return node.value as string;
  return "";
}

/** The text of a string literal, or of a template without expressions; null for anything else. */
export function literalText(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === "StringLiteral") return node.value as string;
  if (node.type !== "TemplateLiteral" || childrenOf(node, "expressions").length > 0) return null;
  const value = childrenOf(node, "quasis")[0]?.value as { cooked?: string | null } | undefined;
  return value?.cooked ?? null;
}

/** The name of a property that does not have to be computed; null where it has. */
export function propertyName(node: SyntaxNode): string | null {
  const key = childOf(node, node.type.endsWith("MemberExpression") ? "property" : "key");
  if (!key) return null;
  if (node.computed === true) return literalText(key);
  if (key.type === "NumericLiteral") return String(key.value);
  if (key.type === "BigIntLiteral") return String(BigInt(key.value as string));
  return key.type === "Identifier" || key.type === "StringLiteral" || key.type === "JSXIdentifier"
    ? nameOf(key)
    : null;
}

const functionTypes = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "ObjectMethod",
  "ClassMethod",
  "ClassPrivateMethod",
]);

export function isFunction(node: SyntaxNode): boolean {
  return functionTypes.has(node.type);
}

export function isMember(node: SyntaxNode): boolean {
  return node.type === "MemberExpression" || node.type === "OptionalMemberExpression";
}

export function isCall(node: SyntaxNode): boolean {
  return node.type === "CallExpression" || node.type === "OptionalCallExpression";
}

/** True where `inner` lies in `outer`, or is it. */
export function encloses(outer: SyntaxNode, inner: SyntaxNode): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

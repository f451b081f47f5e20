import { childrenOf, isNode, literalText, nameOf, propertyName, type SyntaxNode } from "./syntax-node.ts";

/** Writes a node in its own way; null leaves it to the ordinary one. */
export type WriteNode = (node: SyntaxNode) => string | null;

/** Keys that say where a node stands or how it was written, not what it does. */
const unread = new Set([
  "type",
  "start",
  "end",
  "range",
  "loc",
  "extra",
  "errors",
  "shorthand",
  "sourceType",
  "leadingComments",
  "innerComments",
  "trailingComments",
]);

const keyed = new Set([
  "ObjectProperty",
  "ObjectMethod",
  "ClassProperty",
  "ClassMethod",
  "ClassAccessorProperty",
]);

/**
 * A syntax tree as text that two spellings of one program share: no positions, comments, quotes, parentheses or
 * raw forms of numbers. Takes a tree that has been through `stripTypes`.
 */
export function canonicalTree(node: SyntaxNode, writeNode: WriteNode): string {
  return write(node, writeNode);
}

function write(node: SyntaxNode, writeNode: WriteNode): string {
  return writeNode(node) ?? writeSpecial(node, writeNode) ?? writePlain(node, writeNode);
}

function writePlain(node: SyntaxNode, writeNode: WriteNode, replaced: Record<string, string> = {}): string {
  let text = `(${node.type}`;
  for (const key of Object.keys(node).sort()) {
    if (unread.has(key)) continue;
    const value = replaced[key] ?? writeValue(node[key], writeNode);
    if (value !== null) text += ` ${key}:${value}`;
  }
  return `${text})`;
}

/** Null for what is as good as absent. */
function writeValue(value: unknown, writeNode: WriteNode): string | null {
  if (value === null || value === undefined || value === false) return null;
  if (isNode(value)) return write(value, writeNode);
  if (!Array.isArray(value)) return JSON.stringify(value);
  const items = value.map((item: unknown) => writeValue(item, writeNode) ?? "null");
  return items.length === 0 ? null : `[${items.filter((item) => item !== "").join(" ")}]`;
}

function writeSpecial(node: SyntaxNode, writeNode: WriteNode): string | null {
  switch (node.type) {
    case "Identifier":
    case "JSXIdentifier":
      return nameOf(node);
    case "StringLiteral":
    case "TemplateLiteral":
      return writeText(node);
    case "NumericLiteral":
      return String(node.value);
    case "BigIntLiteral":
      return `${BigInt(node.value as string)}n`;
    case "RegExpLiteral":
      return `/${node.pattern}/${[...(node.flags as string)].sort().join("")}`;
    case "TemplateElement":
      return JSON.stringify((node.value as { cooked: string }).cooked);
    case "TaggedTemplateExpression":
      return writeTagged(node, writeNode);
    case "JSXText":
      return writeJsxText(node.value as string);
    case "JSXExpressionContainer":
      return isNode(node.expression) && node.expression.type === "JSXEmptyExpression" ? "" : null;
    default:
      return writeKeyed(node, writeNode);
  }
}

function writeText(node: SyntaxNode): string | null {
  const text = literalText(node);
  return text === null ? null : JSON.stringify(text);
}

/** `{ "a": 1 }` and `{ a: 1 }` are one. */
function writeKeyed(node: SyntaxNode, writeNode: WriteNode): string | null {
  if (!keyed.has(node.type) || node.computed === true) return null;
  const name = propertyName(node);
  return name === null ? null : writePlain(node, writeNode, { key: JSON.stringify(name) });
}

/** A tag sees the raw text as well, so there it counts. */
function writeTagged(node: SyntaxNode, writeNode: WriteNode): string {
  const quasi = node.quasi as SyntaxNode;
  const raw = childrenOf(quasi, "quasis").map((part) => (part.value as { raw: string }).raw);
  const values = childrenOf(quasi, "expressions").map((value) => write(value, writeNode));
  const lines = raw.map((text) => JSON.stringify(text.replace(/\r\n?/g, "\n")));
  return `(Tagged ${write(node.tag as SyntaxNode, writeNode)} [${lines.join(" ")}] [${values.join(" ")}])`;
}

/** What JSX makes of text: lines trimmed where they break, joined by one space, blank ones dropped. */
function writeJsxText(text: string): string {
  const lines = text.split(/\r\n|\n|\r/);
  const kept = lines.map((line, index) => {
    const plain = line.replace(/\t/g, " ");
    const left = index === 0 ? plain : plain.replace(/^ +/, "");
    return index === lines.length - 1 ? left : left.replace(/ +$/, "");
  });
  const whole = kept.filter((line) => line !== "").join(" ");
  return whole === "" ? "" : JSON.stringify(whole);
}

import { compareText } from "./compare-text.ts";
import { isIdentifier } from "./misfit.ts";
import type { FieldType, ValueType } from "./value-type.ts";

/**
 * The canonical text of a type, of which fingerprints are made: equal for two types if and only if they have the
 * same values and equality. Fields and union options are sorted, for their order says nothing. Such as
 * `{ embedding: vector<float32, 384>?, filename: string, note?: string }`, where `?` behind a type means nullable.
 */
export function typeSignature(type: ValueType): string {
  return write(type, (texts) => [...texts].sort(compareText));
}

/** The type as people read it: the same notation, with fields in the order of their declaration. */
export function formatType(type: ValueType): string {
  return write(type, (texts) => texts);
}

type Order = (texts: readonly string[]) => readonly string[];

function write(type: ValueType, order: Order): string {
  return writeNonNull(type, order) + (type.nullable ? "?" : "");
}

function writeNonNull(type: ValueType, order: Order): string {
  switch (type.kind) {
    case "vector":
      return `vector<${type.element}${type.dimension === null ? "" : `, ${type.dimension}`}>`;
    case "list":
      return `list<${write(type.element, order)}>`;
    case "tuple":
      return `[${type.items.map((item) => write(item, order)).join(", ")}]`;
    case "struct":
      return writeFields(type.fields, order);
    case "table": {
      // The order of the key fields is that of the rows, so it is never sorted.
      const key = type.keyFields === null ? "" : `, key: [${type.keyFields.map(writeName).join(", ")}]`;
      return `table<${writeFields(type.fields, order)}${key}>`;
    }
    case "union":
      return `(${order(type.options.map((option) => write(option, order))).join(" | ")})`;
    default:
      return type.kind;
  }
}

function writeFields(fields: readonly FieldType[], order: Order): string {
  if (fields.length === 0) return "{}";
  const texts = fields.map(
    (field) => `${writeName(field.name)}${field.optional ? "?" : ""}: ${write(field.type, order)}`,
  );
  return `{ ${order(texts).join(", ")} }`;
}

function writeName(name: string): string {
  return isIdentifier(name) ? name : JSON.stringify(name);
}

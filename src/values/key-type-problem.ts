import type { ValueType } from "./value-type.ts";

/**
 * Why values of the type cannot be keys, or null when they can. Keys are what has one order and one plain text:
 * every scalar but json, and structs and tuples of such. A list, table, vector, json or union cannot be one, and
 * neither can a struct with an optional field, where a row without it and a row with null would look alike.
 */
export function keyTypeProblem(type: ValueType): string | null {
  switch (type.kind) {
    case "json":
    case "vector":
    case "list":
    case "table":
    case "union":
      return `a ${type.kind} cannot be a key`;
    case "tuple":
      return partsProblem(type.items.map((item, i) => [`item ${i}`, item]));
    case "struct": {
      const optional = type.fields.find((field) => field.optional);
      if (optional) return `field ${optional.name} is optional; make it required, or nullable`;
      return partsProblem(type.fields.map((field) => [`field ${field.name}`, field.type]));
    }
    default:
      return null;
  }
}

function partsProblem(parts: readonly (readonly [string, ValueType])[]): string | null {
  if (parts.length === 0) return "a key needs at least one field";
  for (const [name, type] of parts) {
    const problem = keyTypeProblem(type);
    if (problem !== null) return `${name}: ${problem}`;
  }
  return null;
}

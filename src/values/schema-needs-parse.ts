import { defOf, type SchemaDef, type SchemaLike } from "./schema-place.ts";

/**
 * Whether parsing with the schema can reject or change a value that is a canonical value of the schema's type. Where
 * it is false the normalizer says all that the schema says; where in doubt it is true.
 */
export function schemaNeedsParse(schema: SchemaLike): boolean {
  return needsParse(schema, 0);
}

function needsParse(schema: unknown, depth: number): boolean {
  const def = defOf(schema);
  // A schema of ours has one check, its own; a user's comes after it.
  const checks = (def.checks as readonly unknown[] | undefined)?.length ?? 0;
  const own = def.sluiceType !== undefined || def.sluiceKeyFields !== undefined ? 1 : 0;
  if (checks > own || depth > 100) return true;
  if (def.sluiceType !== undefined) return false;
  return partsOf(def)?.some((part) => needsParse(part, depth + 1)) ?? true;
}

/** The schemas that decide together, or null for a kind that says more than its type. */
function partsOf(def: SchemaDef): readonly unknown[] | null {
  switch (def.type) {
    case "string":
    case "boolean":
    case "null":
      return def.format === undefined || (def.format === "date" && def.pattern !== undefined) ? [] : null;
    case "bigint":
      return def.format === undefined || def.format === "int64" ? [] : null;
    case "optional":
    case "nullable":
    case "readonly":
    case "nonoptional":
    case "default":
      return [def.innerType];
    case "object":
      return def.catchall === undefined ? Object.values(def.shape as Record<string, unknown>) : null;
    case "array":
      return [def.element];
    case "tuple":
      return def.items as readonly unknown[];
    case "union":
      return def.inclusive === false ? null : (def.options as readonly unknown[]);
    default:
      return null;
  }
}

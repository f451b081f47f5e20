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
    case "nullable":
    case "readonly":
    case "default":
      return [def.innerType];
    case "object":
      return def.catchall === undefined || defOf(def.catchall).type === "never" ? fieldsOf(def) : null;
    case "array":
      return [def.element];
    case "tuple":
      return def.items as readonly unknown[];
    case "union":
      // Of two objects Zod takes the first that fits somehow, so only scalars are left as they are.
      return (def.options as readonly unknown[]).every(isPlainScalar) ? [] : null;
    default:
      return plainFormats[def.type]?.includes(def.format) ? [] : null;
  }
}

/** Formats that say no more than the type. `z.number()` is none: it refuses NaN and the infinities. */
const plainFormats: Readonly<Record<string, readonly unknown[]>> = {
  string: [undefined, "date", "guid"],
  boolean: [undefined],
  null: [undefined],
  number: ["safeint"],
  bigint: [undefined, "int64"],
};

/** Only as a field may a value be absent; elsewhere its canonical form is null, which an optional schema refuses. */
function fieldsOf(def: SchemaDef): readonly unknown[] {
  return Object.values(def.shape as Record<string, unknown>).map((field) => {
    const inner = defOf(field);
    return inner.type === "optional" ? inner.innerType : field;
  });
}

function isPlainScalar(schema: unknown): boolean {
  const { type } = defOf(schema);
  return Object.hasOwn(plainFormats, type) && !needsParse(schema, 0);
}

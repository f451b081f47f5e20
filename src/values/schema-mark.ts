import type { z } from "zod";
import type { ValueType } from "./value-type.ts";

/**
 * What Sluice's own schemas carry in their definition to say their type. Zod copies definitions when a schema is
 * refined, described or otherwise derived, so the mark stays with whatever is made of one.
 */
export interface SchemaMark {
  readonly sluiceType?: ValueType;
  readonly sluiceKeyFields?: readonly string[];
}

/** Marks a schema that was just made. */
export function markSchema<Schema extends z.ZodType>(schema: Schema, mark: SchemaMark): Schema {
  Object.assign(schema._zod.def, mark);
  return schema;
}

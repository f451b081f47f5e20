import type { ValueSchema } from "../contracts/schema.ts";
import { typeOfSchema, type ValueType } from "../values/index.ts";

/**
 * The type of a function's input as a call gives it: that an input may be left out does not make null one of its
 * values.
 */
export function inputType(schema: ValueSchema, what: string): ValueType {
  return typeOfSchema(withoutDefault(schema), what);
}

/** What the input is when nothing is given; undefined when nothing is what it then gets. */
export function defaultOf(schema: ValueSchema): unknown {
  const result = schema.safeParse(undefined);
  return result.success ? result.data : undefined;
}

const wrappers: ReadonlySet<string> = new Set(["optional", "default", "prefault", "readonly"]);

/** What the schema says of values that are given. */
export function withoutDefault(schema: ValueSchema): ValueSchema {
  // By shape and not by class, since a user's schema may come from another copy of Zod.
  const def: { readonly type: string; readonly innerType?: ValueSchema } = schema._zod.def;
  return wrappers.has(def.type) && def.innerType ? withoutDefault(def.innerType) : schema;
}

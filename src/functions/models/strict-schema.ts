import type { Json } from "../../contracts/target.ts";
import type { JsonSchema } from "./json-schema.ts";

/** What `json_schema` of a `response_format` says beside a name. */
export interface AskedSchema {
  readonly strict: boolean;
  readonly schema: JsonSchema;
}

/**
 * A schema as servers with strict answers want it: every field required and none more, so that one which may be left
 * out is null instead. Where the schema says what strict answers cannot have, it is given as it is, not strict.
 * https://platform.openai.com/docs/guides/structured-outputs
 */
export function asStrictSchema(schema: JsonSchema): AskedSchema {
  return isStrictCapable(schema)
    ? { strict: true, schema: strict(schema) as JsonSchema }
    : { strict: false, schema };
}

function isStrictCapable(schema: Json): boolean {
  if (!isObject(schema)) return true;
  const { type, properties, additionalProperties, prefixItems, oneOf, $ref } = schema;
  if (prefixItems !== undefined || oneOf !== undefined || $ref !== undefined) return false;
  if (isObject(additionalProperties)) return false;
  const says = type !== undefined || ["anyOf", "enum", "const"].some((word) => Object.hasOwn(schema, word));
  const parts = isObject(properties) ? Object.values(properties) : [];
  const { items, anyOf } = schema;
  const others = [...(items === undefined ? [] : [items]), ...(Array.isArray(anyOf) ? anyOf : [])];
  return says && [...parts, ...others].every(isStrictCapable);
}

function strict(schema: Json): Json {
  if (!isObject(schema)) return schema;
  // A default has a meaning only where a field may be left out.
  const { default: _default, ...rest } = schema;
  const { items, anyOf } = rest;
  return {
    ...rest,
    ...(isObject(rest.properties) ? strictFields(rest.properties, rest.required) : {}),
    ...(items === undefined ? {} : { items: strict(items) }),
    ...(Array.isArray(anyOf) ? { anyOf: anyOf.map(strict) } : {}),
  };
}

function strictFields(properties: { readonly [name: string]: Json }, required: Json | undefined): JsonSchema {
  const needed = Array.isArray(required) ? required : [];
  const fields = Object.entries(properties).map(([name, field]) => {
    const inner = strict(field);
    return [name, needed.includes(name) ? inner : { anyOf: [inner, { type: "null" }] }] as const;
  });
  return {
    properties: Object.fromEntries(fields),
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { type SchemaPlace, unsupported } from "./schema-place.ts";
import { typeSignature } from "./signature.ts";
import type { ValueType } from "./value-type.ts";

/** The types that a value may be of. */
export interface Options {
  /** None nullable, none a union. */
  readonly types: readonly ValueType[];
  readonly nullable: boolean;
}

/** All the options of several, each type once. */
export function mergeOptions(parts: readonly Options[]): Options {
  const types = new Map<string, ValueType>();
  for (const part of parts) for (const type of part.types) types.set(typeSignature(type), type);
  return { types: [...types.values()], nullable: parts.some((part) => part.nullable) };
}

/** The type of values that are of one of the options. */
export function typeOfOptions({ types, nullable }: Options, place: SchemaPlace): ValueType {
  const [first, second] = types;
  if (first === undefined) {
    throw unsupported(
      place,
      "null is its only value",
      "Use .nullable() on the type that it may have otherwise.",
    );
  }
  return second === undefined ? { ...first, nullable } : { kind: "union", options: types, nullable };
}

/** The same type, with null. */
export function nullableType(type: ValueType): ValueType {
  return type.nullable ? type : { ...type, nullable: true };
}

export function jsonType(nullable: boolean): ValueType {
  return { kind: "json", nullable };
}

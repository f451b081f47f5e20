import { InternalError } from "../errors/index.ts";
import type { ValueType } from "./value-type.ts";

/** The type of a struct's field that is known to be there: nullable where it may be absent or the struct may be null. */
export function fieldOfType(type: ValueType, name: string): ValueType {
  const field = type.kind === "struct" ? type.fields.find((one) => one.name === name) : undefined;
  if (!field) throw new InternalError(`a value has no field ${name}, though one was taken from it`);
  return { ...field.type, nullable: field.type.nullable || field.optional || type.nullable };
}

import type { ValueType } from "../values/index.ts";

/*
 * The types that the records of rows and target keys are encoded by. A change of a record's type is a change of what
 * is stored.
 */

export const intType: ValueType = { kind: "int", nullable: false };
export const textType: ValueType = { kind: "string", nullable: false };
export const flagType: ValueType = { kind: "boolean", nullable: false };
export const bytesType: ValueType = { kind: "bytes", nullable: false };
export const optionalBytesType: ValueType = { kind: "bytes", nullable: true };

export function recordType(fields: Readonly<Record<string, ValueType>>): ValueType {
  return {
    kind: "struct",
    nullable: false,
    fields: Object.entries(fields).map(([name, type]) => ({ name, type, optional: false })),
  };
}

export function recordListType(fields: Readonly<Record<string, ValueType>>): ValueType {
  return { kind: "list", element: recordType(fields), nullable: false };
}

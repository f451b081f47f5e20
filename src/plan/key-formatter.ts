import { formatKey, type ValueType } from "../values/index.ts";

/** A key of one field reads best as that field alone. */
export function keyFormatter(type: ValueType): (key: unknown) => string {
  const only = type.kind === "struct" && type.fields.length === 1 ? type.fields[0]! : null;
  if (only === null) return (key) => formatKey(type, key);
  return (key) => formatKey(only.type, (key as Readonly<Record<string, unknown>>)[only.name]);
}

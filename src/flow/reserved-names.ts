/**
 * Names that a slice or a row scope keeps for itself, or that JavaScript asks every object for: fields of these
 * names are reached with `.field("name")` only.
 */
const reservedNames = [
  "transform",
  "field",
  "forEachRow",
  "set",
  "then",
  "toJSON",
  "toString",
  "valueOf",
  "constructor",
  "__proto__",
] as const;

export type ReservedName = (typeof reservedNames)[number];

const reserved: ReadonlySet<string> = new Set(reservedNames);

export function isReservedName(name: string): name is ReservedName {
  return reserved.has(name);
}

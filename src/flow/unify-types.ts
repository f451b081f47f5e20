import { type FieldType, type TypeOfKind, type ValueType, whyNotAssignable } from "../values/index.ts";

/**
 * The least type that takes the values of both and loses nothing of them, or null when there is none: null where
 * either may be null, integers as floats, and so on through the fields of structs.
 */
export function unifyTypes(a: ValueType, b: ValueType): ValueType | null {
  const unified = unifyPresent({ ...a, nullable: false }, { ...b, nullable: false });
  return unified && { ...unified, nullable: a.nullable || b.nullable };
}

function unifyPresent(a: ValueType, b: ValueType): ValueType | null {
  if (a.kind === "struct" && b.kind === "struct") return unifyStructs(a, b);
  if (a.kind === "table" && b.kind === "table") return unifyTables(a, b);
  if (a.kind === "list" && b.kind === "list") {
    const element = unifyTypes(a.element, b.element);
    return element && { ...a, element };
  }
  if (a.kind === "tuple" && b.kind === "tuple") return unifyTuples(a, b);
  return [a, b, float64].find((type) => takes(type, a) && takes(type, b)) ?? null;
}

/** Takes integers and 32-bit floats, of which neither takes the other. */
const float64: ValueType = { kind: "float64", nullable: false };

function takes(to: ValueType, from: ValueType): boolean {
  return whyNotAssignable(from, to) === null;
}

function unifyStructs(a: TypeOfKind<"struct"> & ValueType, b: TypeOfKind<"struct">): ValueType | null {
  const fields = unifyFields(a.fields, b.fields);
  return fields && { ...a, fields };
}

function unifyTables(a: TypeOfKind<"table"> & ValueType, b: TypeOfKind<"table">): ValueType | null {
  if (a.keyFields?.join("\0") !== b.keyFields?.join("\0")) return null;
  const fields = unifyFields(a.fields, b.fields);
  return fields && { ...a, fields };
}

function unifyTuples(a: TypeOfKind<"tuple"> & ValueType, b: TypeOfKind<"tuple">): ValueType | null {
  if (a.items.length !== b.items.length) return null;
  const items = a.items.map((item, i) => unifyTypes(item, b.items[i]!));
  return items.every((item) => item !== null) ? { ...a, items } : null;
}

/** The same names in both, or none: a field that only one has would be lost. */
function unifyFields(a: readonly FieldType[], b: readonly FieldType[]): readonly FieldType[] | null {
  if (a.length !== b.length) return null;
  const fields = a.map((field): FieldType | null => {
    const other = b.find(({ name }) => name === field.name);
    const type = other ? unifyTypes(field.type, other.type) : null;
    return other && type ? { name: field.name, type, optional: field.optional || other.optional } : null;
  });
  return fields.every((field) => field !== null) ? fields : null;
}

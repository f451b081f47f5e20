import { isIdentifier } from "./misfit.ts";
import { formatType } from "./signature.ts";
import { isTextKind } from "./text-form.ts";
import type { FieldType, TableType, TypeOfKind, ValueType } from "./value-type.ts";

/**
 * Why some value of the type `from` is not acceptable where `to` is wanted, or null when each is: possibly after
 * being normalised to `to` (extra fields dropped, absent ones null, numbers widened, arrays made vectors). Numbers
 * count as JSON, though NaN and the infinities are refused when such a value is normalised.
 */
export function whyNotAssignable(from: ValueType, to: ValueType): string | null {
  return why(from, to, "");
}

function why(from: ValueType, to: ValueType, path: string): string | null {
  if (from.nullable && !to.nullable) return problem(path, "may be null, which is not accepted");
  if (from.kind === "union") {
    return firstProblem(from.options, (option) => why({ ...option, nullable: false }, to, path));
  }
  if (to.kind === "union") return whyNoOption(from, to, path);
  if (to.kind === "json") return whyNotJson(from, path);
  return whyNotKind(from, to, path);
}

function whyNoOption(from: ValueType, to: TypeOfKind<"union">, path: string): string | null {
  if (to.options.some((option) => why({ ...from, nullable: false }, option, path) === null)) return null;
  return mismatch(from, to, path);
}

function whyNotKind(from: ValueType, to: ValueType, path: string): string | null {
  switch (to.kind) {
    case "struct":
      return from.kind === "struct" ? whyNotFields(from.fields, to.fields, path) : mismatch(from, to, path);
    case "table":
      return whyNotTable(from, to, path);
    case "list":
      return whyNotList(from, to, path);
    case "tuple":
      return whyNotTuple(from, to, path);
    case "vector":
      return whyNotVector(from, to, path);
    default:
      return from.kind === to.kind || widens(from.kind, to.kind) ? null : mismatch(from, to, path);
  }
}

/** Every value of the one kind is a value of the other. */
function widens(from: ValueType["kind"], to: ValueType["kind"]): boolean {
  if (to === "float64") return from === "int" || from === "float32";
  return to === "string" && isTextKind(from);
}

function whyNotFields(from: readonly FieldType[], to: readonly FieldType[], path: string): string | null {
  return firstProblem(to, (field) => {
    const inner = under(path, field.name);
    const given = from.find((candidate) => candidate.name === field.name);
    const mayBeAbsent = field.optional || field.type.nullable;
    if (given === undefined) return mayBeAbsent ? null : problem(inner, "is missing");
    if (given.optional && !mayBeAbsent) return problem(inner, "may be absent, which is not accepted");
    return why(given.type, field.type, inner);
  });
}

function whyNotTable(from: ValueType, to: TableType & ValueType, path: string): string | null {
  const fields = rowFields(from);
  if (fields === null) return mismatch(from, to, path);
  if (to.keyFields !== null && !sameKey(from, to)) {
    return problem(
      path,
      `is ${formatType(from)}, but a table with the key ${to.keyFields.join(", ")} is wanted`,
    );
  }
  return whyNotFields(fields, to.fields, `${path}[]`);
}

function rowFields(type: ValueType): readonly FieldType[] | null {
  if (type.kind === "table") return type.fields;
  const isRows = type.kind === "list" && type.element.kind === "struct" && !type.element.nullable;
  return isRows ? (type.element as TypeOfKind<"struct">).fields : null;
}

function sameKey(from: ValueType, to: TableType): boolean {
  const given = from.kind === "table" ? (from.keyFields ?? []) : [];
  const wanted = to.keyFields ?? [];
  return given.length === wanted.length && wanted.every((name) => given.includes(name));
}

function whyNotList(from: ValueType, to: TypeOfKind<"list">, path: string): string | null {
  const elements = elementTypes(from);
  return elements === null
    ? mismatch(from, to, path)
    : firstProblem(elements, (element) => why(element, to.element, `${path}[]`));
}

/** The types of an array's elements, for those kinds that are arrays. */
function elementTypes(type: ValueType): readonly ValueType[] | null {
  switch (type.kind) {
    case "list":
      return [type.element];
    case "tuple":
      return type.items;
    case "range":
      return [{ kind: "int", nullable: false }];
    case "table":
      return [{ kind: "struct", fields: type.fields, nullable: false }];
    default:
      return null;
  }
}

function whyNotTuple(from: ValueType, to: TypeOfKind<"tuple">, path: string): string | null {
  const int: ValueType = { kind: "int", nullable: false };
  const items = from.kind === "tuple" ? from.items : from.kind === "range" ? [int, int] : null;
  if (items === null) return mismatch(from, to, path);
  if (items.length !== to.items.length)
    return problem(path, `has ${items.length} items, but ${to.items.length} are wanted`);
  return firstProblem(to.items, (item, i) => why(items[i]!, item, `${path}[${i}]`));
}

function whyNotVector(from: ValueType, to: TypeOfKind<"vector">, path: string): string | null {
  // An array of numbers has no dimension that could be told beforehand.
  if (from.kind === "list" && to.dimension === null) {
    return why(from.element, { kind: to.element, nullable: false }, `${path}[]`) && mismatch(from, to, path);
  }
  if (from.kind !== "vector" || from.element !== to.element) return mismatch(from, to, path);
  return to.dimension === null || from.dimension === to.dimension ? null : mismatch(from, to, path);
}

function whyNotJson(from: ValueType, path: string): string | null {
  if (from.kind === "struct" || from.kind === "table") {
    const inner = from.kind === "table" ? `${path}[]` : path;
    return firstProblem(from.fields, (field) => whyNotJson(field.type, under(inner, field.name)));
  }
  const elements = elementTypes(from);
  if (elements !== null) return firstProblem(elements, (element) => whyNotJson(element, `${path}[]`));
  if (from.kind === "union") return firstProblem(from.options, (option) => whyNotJson(option, path));
  const plain = !["bytes", "int64", "vector"].includes(from.kind);
  return plain ? null : problem(path, `is ${formatType(from)}, which is not JSON`);
}

function firstProblem<T>(
  parts: readonly T[],
  find: (part: T, index: number) => string | null,
): string | null {
  for (const [i, part] of parts.entries()) {
    const found = find(part, i);
    if (found !== null) return found;
  }
  return null;
}

function mismatch(from: ValueType, to: ValueType, path: string): string {
  return problem(path, `is ${formatType(from)}, but ${formatType(to)} is wanted`);
}

function problem(path: string, text: string): string {
  return `${path === "" ? "the value" : path} ${text}`;
}

function under(path: string, name: string): string {
  if (!isIdentifier(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}

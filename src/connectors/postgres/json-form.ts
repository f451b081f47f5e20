import { type FieldType, toPlain, type ValueType } from "../../values/index.ts";

type PlainObject = { readonly [name: string]: unknown };

/** The names under which values of a union stand that JSON has no form for. */
const tags: ReadonlySet<string> = new Set(["$bytes", "$int64", "$number", "$plain"]);

/**
 * A value as JSON text: bytes as base64, 64-bit integers as decimal text, and NaN and the infinities by name. U+0000,
 * which `jsonb` refuses, is left out.
 */
export function toJsonText(type: ValueType, value: unknown): string {
  const form = jsonForm(type, value);
  const text = JSON.stringify(form);
  return text.includes("\\u0000") ? JSON.stringify(withoutNul(form)) : text;
}

/** The value that {@link toJsonText} wrote. */
export function fromJsonText(type: ValueType, text: string): unknown {
  return fromForm(type, JSON.parse(text));
}

/** Text without U+0000. */
export function stripNul(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "") : text;
}

function jsonForm(type: ValueType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case "float32":
    case "float64":
      return numberForm(toPlain(type, value) as number);
    case "vector":
      return (toPlain(type, value) as number[]).map(numberForm);
    case "list":
      return (value as unknown[]).map((element) => jsonForm(type.element, element));
    case "tuple":
      return type.items.map((item, i) => jsonForm(item, (value as unknown[])[i]));
    case "struct":
      return mapFields(type.fields, value as PlainObject, jsonForm);
    case "table":
      return (value as PlainObject[]).map((row) => mapFields(type.fields, row, jsonForm));
    case "union":
      return anyForm(value);
    default:
      return toPlain(type, value);
  }
}

function fromForm(type: ValueType, form: unknown): unknown {
  if (form === null || form === undefined) return null;
  switch (type.kind) {
    case "int64":
      return BigInt(form as string);
    case "float32":
    case "float64":
      return Number(form);
    case "bytes":
      return fromBase64(form as string);
    case "vector":
      return (form as unknown[]).map(Number);
    case "list":
      return (form as unknown[]).map((element) => fromForm(type.element, element));
    case "tuple":
      return (form as unknown[]).map((element, i) => fromForm(type.items[i]!, element));
    case "struct":
      return mapFields(type.fields, form as PlainObject, fromForm);
    case "table":
      return (form as PlainObject[]).map((row) => mapFields(type.fields, row, fromForm));
    case "union":
      return fromAnyForm(form);
    default:
      return form;
  }
}

function mapFields(
  fields: readonly FieldType[],
  struct: PlainObject,
  map: (type: ValueType, value: unknown) => unknown,
): PlainObject {
  const present = fields.filter(({ name }) => Object.hasOwn(struct, name) && struct[name] !== undefined);
  return Object.fromEntries(present.map(({ name, type }) => [name, map(type, struct[name])]));
}

function numberForm(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** A value of a union, by what it is: its type does not say which of its options it was. */
function anyForm(value: unknown): unknown {
  if (typeof value === "bigint") return { $int64: String(value) };
  if (typeof value === "number") return Number.isFinite(value) ? value : { $number: String(value) };
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, anyForm);
  if (Array.isArray(value)) return value.map(anyForm);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const plain = Object.fromEntries(members.map(([name, member]) => [name, anyForm(member)]));
  return members.length === 1 && tags.has(members[0]![0]) ? { $plain: plain } : plain;
}

function fromAnyForm(form: unknown): unknown {
  if (typeof form !== "object" || form === null) return form;
  if (Array.isArray(form)) return form.map(fromAnyForm);
  const entries = Object.entries(form);
  const [name, member] = entries.length === 1 ? entries[0]! : ["", null];
  if (name === "$int64") return BigInt(member as string);
  if (name === "$number") return Number(member);
  if (name === "$bytes") return fromBase64(member as string);
  const plain = name === "$plain" ? Object.entries(member as object) : entries;
  return Object.fromEntries(plain.map(([field, inner]) => [field, fromAnyForm(inner)]));
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

function withoutNul(form: unknown): unknown {
  if (typeof form === "string") return stripNul(form);
  if (typeof form !== "object" || form === null) return form;
  if (Array.isArray(form)) return form.map(withoutNul);
  return Object.fromEntries(
    Object.entries(form).map(([name, member]) => [stripNul(name), withoutNul(member)]),
  );
}

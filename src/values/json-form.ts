import { toPlain } from "./to-plain.ts";
import type { FieldType, ValueType } from "./value-type.ts";

type PlainObject = { readonly [name: string]: unknown };

/** The names under which values of a union stand that JSON has no form for. */
const tags: ReadonlySet<string> = new Set(["$bytes", "$int64", "$number", "$float32", "$float64", "$plain"]);

/**
 * A value as JSON can hold it and give it back: as {@link toPlain}, with NaN and the infinities by name, and what a
 * union holds marked where JSON alone would not tell what it was, such as `{ "$int64": "5" }`.
 */
export function toJsonForm(type: ValueType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case "float32":
    case "float64":
      return numberForm(toPlain(type, value) as number);
    case "vector":
      return (toPlain(type, value) as number[]).map(numberForm);
    case "list":
      return (value as unknown[]).map((element) => toJsonForm(type.element, element));
    case "tuple":
      return type.items.map((item, i) => toJsonForm(item, (value as unknown[])[i]));
    case "struct":
      return mapFields(type.fields, value as PlainObject, toJsonForm);
    case "table":
      return (value as PlainObject[]).map((row) => mapFields(type.fields, row, toJsonForm));
    case "union":
      return anyForm(value);
    default:
      return toPlain(type, value);
  }
}

/** The value that {@link toJsonForm} gave the form of. */
export function fromJsonForm(type: ValueType, form: unknown): unknown {
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
      return vectorOf(type.element, form as unknown[]);
    case "list":
      return (form as unknown[]).map((element) => fromJsonForm(type.element, element));
    case "tuple":
      return (form as unknown[]).map((element, i) => fromJsonForm(type.items[i]!, element));
    case "struct":
      return mapFields(type.fields, form as PlainObject, fromJsonForm);
    case "table":
      return (form as PlainObject[]).map((row) => mapFields(type.fields, row, fromJsonForm));
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

function vectorOf(element: "float32" | "float64", form: unknown[]): Float32Array | Float64Array {
  const numbers = form.map(Number);
  return element === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers);
}

function numberForm(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** A value of a union, by what it is: its type does not say which of its options it was. */
function anyForm(value: unknown): unknown {
  if (typeof value === "bigint") return { $int64: String(value) };
  if (typeof value === "number") return Number.isFinite(value) ? value : { $number: String(value) };
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) return viewForm(value);
  if (Array.isArray(value)) return value.map(anyForm);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const plain = Object.fromEntries(members.map(([name, member]) => [name, anyForm(member)]));
  return members.length === 1 && tags.has(members[0]![0]) ? { $plain: plain } : plain;
}

function viewForm(view: ArrayBufferView): unknown {
  if (view instanceof Uint8Array) return { $bytes: toPlain({ kind: "bytes", nullable: false }, view) };
  const numbers = Array.from(view as Float64Array, numberForm);
  return view instanceof Float32Array ? { $float32: numbers } : { $float64: numbers };
}

function fromAnyForm(form: unknown): unknown {
  if (typeof form !== "object" || form === null) return form;
  if (Array.isArray(form)) return form.map(fromAnyForm);
  const entries = Object.entries(form);
  const [name, member] = entries.length === 1 ? entries[0]! : ["", null];
  if (name === "$int64") return BigInt(member as string);
  if (name === "$number") return Number(member);
  if (name === "$bytes") return fromBase64(member as string);
  if (name === "$float32") return vectorOf("float32", member as unknown[]);
  if (name === "$float64") return vectorOf("float64", member as unknown[]);
  const plain = name === "$plain" ? Object.entries(member as object) : entries;
  return Object.fromEntries(plain.map(([field, inner]) => [field, fromAnyForm(inner)]));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

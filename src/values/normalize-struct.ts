import { expected, Misfit } from "./misfit.ts";
import type { Normalize, Strictness } from "./normalize-scalar.ts";
import { fieldReader, isPlainObject, type PlainObject, setOwn } from "./own-property.ts";
import type { FieldType, ValueType } from "./value-type.ts";

interface Field {
  readonly name: string;
  readonly read: (object: PlainObject) => unknown;
  readonly normalize: Normalize;
}

/** The canonical form of a struct: a plain object of the declared fields, in the order of their declaration. */
export function structNormalizer(
  fieldTypes: readonly FieldType[],
  compile: (type: ValueType) => Normalize,
  strictness: Strictness,
): Normalize {
  const fields = fieldTypes.map((field) => compileField(field, compile));
  const names = asListed(fields);
  return (value) => {
    if (!isRecord(value)) return expected("an object", value);
    const canonical = isPlainObject(value) && isInOrder(value, names);
    if (!canonical && strictness === "strict") {
      const unknown = Object.keys(value).find((name) => !names.includes(name) && value[name] !== undefined);
      if (unknown !== undefined) return new Misfit("the type has no such field").underField(unknown);
    }
    return normalizeFields(value, fields, canonical);
  };
}

/** The names as JavaScript lists them on an object that gets them in this order: array indexes come first. */
function asListed(fields: readonly Field[]): readonly string[] {
  const object: PlainObject = {};
  for (const { name } of fields) setOwn(object, name, true);
  return Object.keys(object);
}

function compileField(field: FieldType, compile: (type: ValueType) => Normalize): Field {
  const normalize = compile(field.type);
  const absent: Normalize = (value) => {
    if (value === undefined) return undefined;
    // A field that may be absent is null where it was read through a slice, which has no other word for absence.
    return value === null && !field.type.nullable ? undefined : normalize(value);
  };
  return { name: field.name, read: fieldReader(field.name), normalize: field.optional ? absent : normalize };
}

/** The object itself where nothing changes, else a copy, made at the first field that does. */
function normalizeFields(object: PlainObject, fields: readonly Field[], canonical: boolean): unknown {
  let copy: PlainObject | null = canonical ? null : {};
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!;
    const before = field.read(object);
    const after = field.normalize(before);
    if (after instanceof Misfit) return missing(before, after).underField(field.name);
    if (copy === null && !Object.is(after, before)) copy = copyFields(object, fields, i);
    if (copy !== null && after !== undefined) setOwn(copy, field.name, after);
  }
  return copy ?? object;
}

function missing(value: unknown, misfit: Misfit): Misfit {
  return value === undefined ? new Misfit(`the field is missing (${misfit.message})`) : misfit;
}

function copyFields(object: PlainObject, fields: readonly Field[], count: number): PlainObject {
  const copy: PlainObject = {};
  for (let i = 0; i < count; i++) {
    const value = fields[i]!.read(object);
    if (value !== undefined) setOwn(copy, fields[i]!.name, value);
  }
  return copy;
}

function isRecord(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** Whether the object lists declared fields only, in the declared order, and none of them as undefined. */
function isInOrder(object: PlainObject, names: readonly string[]): boolean {
  let next = 0;
  for (const name in object) {
    while (next < names.length && names[next] !== name) next++;
    if (next === names.length || object[name] === undefined) return false;
    next++;
  }
  return true;
}

import { whyNotAssignable } from "./assignable.ts";
import { numberKind, stringKind } from "./schema-format.ts";
import { jsonType, mergeOptions, nullableType, type Options, typeOfOptions } from "./schema-options.ts";
import {
  defOf,
  type SchemaDef,
  type SchemaLike,
  type SchemaPlace,
  unsupported,
  within,
} from "./schema-place.ts";
import { unsupportedKinds } from "./unsupported-schemas.ts";
import type { FieldType, ScalarKind, ValueType } from "./value-type.ts";

/** Schemas nested deeper than this are taken to contain themselves. */
const maxDepth = 100;

/**
 * The Sluice type of a Zod 4 schema's output. `what` says what the schema is for and starts the message of an error,
 * such as `output of function embed`.
 *
 * Objects are structs and forget unknown fields, as Zod does; arrays of objects are tables, others lists; an optional
 * field is optional, anything else optional is nullable; a pipe or codec has the type of its end; `z.json()` and
 * records are JSON. Refinements, descriptions, defaults and brands do not change a type.
 *
 * @throws SluiceError `schema-unsupported`, naming the place within the schema, with a hint what to use instead.
 */
export function typeOfSchema(schema: SchemaLike, what: string): ValueType {
  return valueTypeOf(schema, { what, path: "", around: [] });
}

/** A type, and whether the value may be absent, which only fields of a struct can be. */
interface Found {
  readonly type: ValueType;
  readonly optional: boolean;
}

function valueTypeOf(schema: unknown, place: SchemaPlace): ValueType {
  const { type, optional } = find(schema, place);
  return optional ? nullableType(type) : type;
}

function find(schema: unknown, place: SchemaPlace): Found {
  const def = defOf(schema);
  if (def.sluiceType) return required(def.sluiceType);
  if (place.around.includes(def) || place.around.length > maxDepth) {
    throw unsupported(place, "the schema contains itself", "Use json() where the value nests without bound.");
  }
  const inner = wrappers[def.type];
  if (inner) return inner(def, place);
  const compose = composites[def.type];
  if (compose) return required(compose(def, place));
  const options = optionsOf(schema, place);
  return required(typeOfOptions(options, place));
}

function required(type: ValueType): Found {
  return { type, optional: false };
}

const innerOf = (def: SchemaDef, place: SchemaPlace): Found => find(def.innerType, within(place, def));
const present = (def: SchemaDef, place: SchemaPlace): Found => required(innerOf(def, place).type);

const wrappers: Readonly<Record<string, (def: SchemaDef, place: SchemaPlace) => Found>> = {
  optional: (def, place) => ({ ...innerOf(def, place), optional: true }),
  nullable: (def, place) => {
    const found = innerOf(def, place);
    return { ...found, type: nullableType(found.type) };
  },
  default: present,
  prefault: present,
  nonoptional: present,
  catch: innerOf,
  readonly: innerOf,
  lazy: (def, place) => {
    const inner = (def.getter as () => unknown)();
    return isJsonSchema(def, inner) ? required(jsonType(true)) : find(inner, within(place, def));
  },
  pipe(def, place) {
    if (defOf(def.out).type === "transform") {
      throw unsupported(
        place,
        "what a transform yields is not known",
        "Pipe it into a schema: .transform(…).pipe(schema).",
      );
    }
    return find(def.out, within(place, def));
  },
};

const composites: Readonly<Record<string, (def: SchemaDef, place: SchemaPlace) => ValueType>> = {
  object: structOf,
  array: arrayOf,
  tuple: tupleOf,
  record: recordOf,
};

function structOf(def: SchemaDef, place: SchemaPlace): ValueType {
  if (def.catchall !== undefined && defOf(def.catchall).type !== "never") {
    throw unsupported(
      place,
      "an object with fields that are not named",
      "Name them all, or use json() for the whole.",
    );
  }
  const fields = Object.entries(def.shape as Record<string, unknown>).map(([name, field]): FieldType => {
    const { type, optional } = find(field, within(place, def, `.${name}`));
    return { name, type, optional };
  });
  return { kind: "struct", fields, nullable: false };
}

function arrayOf(def: SchemaDef, place: SchemaPlace): ValueType {
  const element = valueTypeOf(def.element, within(place, def, "[]"));
  if (element.kind !== "struct" || element.nullable) return { kind: "list", element, nullable: false };
  return { kind: "table", fields: element.fields, keyFields: def.sluiceKeyFields ?? null, nullable: false };
}

function tupleOf(def: SchemaDef, place: SchemaPlace): ValueType {
  if (def.rest != null)
    throw unsupported(place, "a tuple of any length", "Use z.array(…) or a tuple without a rest.");
  const items = (def.items as readonly unknown[]).map((item, i) =>
    valueTypeOf(item, within(place, def, `[${i}]`)),
  );
  return { kind: "tuple", items, nullable: false };
}

function recordOf(def: SchemaDef, place: SchemaPlace): ValueType {
  const keys = valueTypeOf(def.keyType, within(place, def, ".(key)"));
  if (whyNotAssignable(keys, textType) !== null) {
    throw unsupported(place, "a record whose keys are not text", "Use z.record(z.string(), …).");
  }
  const values = valueTypeOf(def.valueType, within(place, def, ".(value)"));
  const problem = whyNotAssignable(values, jsonType(true));
  if (problem !== null) {
    throw unsupported(
      place,
      `a record is JSON, but ${problem}`,
      "Use table(row, { key: […] }) with the key as a field.",
    );
  }
  return jsonType(false);
}

const textType: ValueType = { kind: "string", nullable: false };

/** What has no parts, and unions, which may turn out to be one scalar: what values may be there. */
function optionsOf(schema: unknown, place: SchemaPlace): Options {
  const def = defOf(schema);
  if (def.type === "union") return unionOptions(def, place);
  if (def.type === "literal") return literalOptions(def.values as readonly unknown[], place);
  if (def.type === "enum") return literalOptions(enumValues(def), place);
  if (def.type === "null" || def.type === "undefined" || def.type === "void")
    return { types: [], nullable: true };
  return { types: [{ kind: scalarKind(def, place), nullable: false }], nullable: false };
}

function unionOptions(def: SchemaDef, place: SchemaPlace): Options {
  const parts = (def.options as readonly unknown[]).map((option, i): Options => {
    const inside = within(place, def, `(option ${i + 1})`);
    const kind = defOf(option).type;
    if (kind === "null" || kind === "undefined" || kind === "void" || kind === "literal")
      return optionsOf(option, inside);
    const type = valueTypeOf(option, inside);
    return {
      types: type.kind === "union" ? type.options : [{ ...type, nullable: false }],
      nullable: type.nullable,
    };
  });
  return mergeOptions(parts);
}

function scalarKind(def: SchemaDef, place: SchemaPlace): ScalarKind {
  switch (def.type) {
    case "string":
      return stringKind(def, place);
    case "template_literal":
      return "string";
    case "number":
      return numberKind(def);
    case "bigint":
      if (def.format === "uint64")
        throw unsupported(place, "z.uint64() exceeds 64 signed bits", "Use int64().");
      return "int64";
    case "boolean":
    case "success":
      return "boolean";
    default: {
      const hint = unsupportedKinds[def.type] ?? "Use z.object, z.array, a scalar, or json().";
      throw unsupported(place, `z.${def.type}() has no Sluice type`, hint);
    }
  }
}

function enumValues(def: SchemaDef): readonly unknown[] {
  const entries = def.entries as Readonly<Record<string, string | number>>;
  // An enum of numbers in TypeScript lists its names as values too.
  const numbers = Object.values(entries).filter((value) => typeof value === "number");
  return Object.entries(entries).flatMap(([name, value]) => (numbers.includes(Number(name)) ? [] : [value]));
}

function literalOptions(values: readonly unknown[], place: SchemaPlace): Options {
  const types = values.flatMap((value): ValueType[] => {
    if (value === null || value === undefined) return [];
    return [{ kind: literalKind(value, place), nullable: false }];
  });
  return mergeOptions([{ types, nullable: values.includes(null) || values.includes(undefined) }]);
}

function literalKind(value: unknown, place: SchemaPlace): ScalarKind {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "bigint") return "int64";
  if (typeof value === "number") return Number.isSafeInteger(value) ? "int" : "float64";
  throw unsupported(
    place,
    `the literal ${String(value)} has no Sluice type`,
    "Use text, a number or a boolean.",
  );
}

/** Recognises `z.json()`: a lazy union of plain values whose arrays and records hold that same lazy schema. */
function isJsonSchema(lazy: SchemaDef, inner: unknown): boolean {
  const def = defOf(inner);
  if (def.type !== "union") return false;
  const options = (def.options as readonly unknown[]).map(defOf);
  const kinds = new Set(options.map((option) => option.type));
  const isSame = (part: unknown) => part !== undefined && defOf(part).getter === lazy.getter;
  return (
    ["string", "number", "boolean", "null", "array", "record"].every((kind) => kinds.has(kind)) &&
    options.every((option) => option.type !== "array" || isSame(option.element)) &&
    options.every((option) => option.type !== "record" || isSame(option.valueType))
  );
}

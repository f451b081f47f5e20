import { z } from "zod";
import type { ValueSchema } from "../../contracts/schema.ts";
import type { Json } from "../../contracts/target.ts";
import { messageOf, SluiceError } from "../../errors/index.ts";
import type { ValueType } from "../../values/index.ts";
import type { JsonSchema } from "../models/index.ts";

/** What a model is asked for. */
export interface AnswerSchema {
  /** Of an object, since servers take no other. */
  readonly schema: JsonSchema;
  /** The value is the one field of that object, since its own schema is none of an object. */
  readonly wrapped: boolean;
}

/** The field that a value is wrapped in. */
export const wrapper = "value";

/**
 * The JSON Schema of what a Zod schema takes, as models are asked for it: with descriptions, and without what only
 * says again what a format means.
 *
 * @throws SluiceError `schema-unsupported`, for bytes, which no model writes
 */
export function answerSchema(schema: ValueSchema): AnswerSchema {
  const { $schema: _dialect, ...own } = jsonSchemaOf(schema);
  const tidy = tidied(own) as JsonSchema;
  if (tidy.type === "object" && tidy.properties !== undefined) return { schema: tidy, wrapped: false };
  const { $defs, ...value } = tidy;
  const wrapping = { type: "object", properties: { [wrapper]: value }, required: [wrapper] };
  return { schema: { ...wrapping, ...($defs === undefined ? {} : { $defs }) }, wrapped: true };
}

function jsonSchemaOf(schema: ValueSchema): JsonSchema {
  try {
    const made = z.toJSONSchema(schema, {
      io: "input",
      unrepresentable: "any",
      override: ({ zodSchema, jsonSchema }) => {
        const { type, sluiceType } = zodSchema._zod.def as MarkedDef;
        // What the user says of it stays.
        if (sluiceType) Object.assign(jsonSchema, { ...ownTypes(sluiceType), ...jsonSchema });
        else if (type === "bigint") jsonSchema.type = "integer";
      },
    });
    return JSON.parse(JSON.stringify(made)) as JsonSchema;
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    throw new SluiceError("schema-unsupported", `the output of extractByLlm: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}

interface MarkedDef {
  readonly type: string;
  /** What Sluice's own schemas carry. */
  readonly sluiceType?: ValueType;
}

/** Sluice's own schemas, which Zod cannot describe. */
function ownTypes(type: ValueType): JsonSchema {
  switch (type.kind) {
    case "uuid":
    case "date":
    case "duration":
      return { type: "string", format: type.kind };
    case "time":
      return { type: "string", description: "a time of day, HH:MM:SS" };
    case "localDateTime":
      return { type: "string", description: "a date and time without zone, YYYY-MM-DDTHH:MM:SS" };
    case "offsetDateTime":
      return { type: "string", format: "date-time" };
    case "int64":
      return { type: "integer" };
    case "float32":
      return { type: "number" };
    case "range":
      return { type: "array", items: { type: "integer" }, minItems: 2, maxItems: 2 };
    case "vector":
      return { type: "array", items: { type: "number" }, ...lengthOf(type.dimension) };
    case "bytes":
      throw new SluiceError("schema-unsupported", "the output of extractByLlm has bytes in it", {
        hint: "No model writes bytes. Leave the field out, or make it text.",
      });
    default:
      return {};
  }
}

function lengthOf(dimension: number | null): JsonSchema {
  return dimension === null ? {} : { minItems: dimension, maxItems: dimension };
}

const safeBounds: readonly Json[] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];

/** Without patterns that a format says, and bounds that no model exceeds: these differ between versions of Zod. */
function tidied(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(tidied);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).flatMap(([word, value]): [string, Json][] => {
    if (word === "pattern" && Object.hasOwn(schema, "format")) return [];
    if ((word === "minimum" || word === "maximum") && safeBounds.includes(value)) return [];
    return [[word, (tidiers[word] ?? tidied)(value)]];
  });
  return Object.fromEntries(entries);
}

/** Keywords whose members are data, or named by the user. */
const tidiers: Readonly<Record<string, (value: Json) => Json>> = {
  enum: (value) => value,
  const: (value) => value,
  default: (value) => value,
  examples: (value) => value,
  properties: tidiedMembers,
  $defs: tidiedMembers,
};

function tidiedMembers(members: Json): Json {
  const entries = Object.entries(members as { readonly [name: string]: Json });
  return Object.fromEntries(entries.map(([name, schema]) => [name, tidied(schema)]));
}

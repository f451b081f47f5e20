import { z } from "zod";
import type { FtsIndex, Json } from "../../contracts/target.ts";
import { SluiceError } from "../../errors/index.ts";
import type { FieldType } from "../../values/index.ts";

const indexType = z.enum(["keyword", "integer", "float", "bool", "datetime", "uuid"]);

/** What a payload index looks values up as. */
export type PayloadIndexType = z.output<typeof indexType>;

const attached = z.strictObject({
  kind: z.literal("qdrant-payload-index"),
  field: z.string(),
  type: indexType,
});

/** A payload index, as an attachment of an export. */
export type PayloadIndex = z.output<typeof attached>;

/** Asks for an index over a payload field, for filters: `attachments: [payloadIndex("language", "keyword")]`. */
export function payloadIndex(field: string, type: PayloadIndexType): PayloadIndex {
  return { kind: "qdrant-payload-index", field, type };
}

const textParameters = z.strictObject({
  tokenizer: z.enum(["word", "whitespace", "prefix", "multilingual"]).optional(),
  lowercase: z.boolean().optional(),
  minTokenLength: z.int().min(0).optional(),
  maxTokenLength: z.int().min(1).optional(),
});

/** The schema of an index over a payload field, as Qdrant takes it. */
export const fieldSchema = z.union([
  indexType,
  z.strictObject({
    type: z.literal("text"),
    tokenizer: z.string().optional(),
    lowercase: z.boolean().optional(),
    min_token_len: z.int().optional(),
    max_token_len: z.int().optional(),
  }),
]);

export type FieldSchema = z.output<typeof fieldSchema>;

/**
 * The payload indexes that an export asks for, by field.
 *
 * @throws SluiceError `export-invalid`
 */
export function planPayloadIndexes(
  texts: readonly FtsIndex[],
  attachments: readonly Json[],
  payload: readonly FieldType[],
): Record<string, FieldSchema> {
  const planned = [
    ...texts.map((index) => [index.field, textSchema(index)] as const),
    ...attachments.map(parseAttachment).map(({ field, type }) => [field, type] as const),
  ];
  for (const [field] of planned) {
    const known = payload.find(({ name }) => name === field);
    if (!known) throw invalid(`${field} is no field of the payload`, "Index fields that are no vectors.");
    if (/[.[\]"]/.test(field)) throw invalid(`${field} is a path to Qdrant`, "Give the field another name.");
  }
  const fields = planned.map(([field]) => field);
  const twice = fields.find((field, i) => fields.indexOf(field) !== i);
  if (twice !== undefined) throw invalid(`${twice} would have two indexes`, "Qdrant has one for a field.");
  return Object.fromEntries(planned);
}

function textSchema({ field, parameters }: FtsIndex): FieldSchema {
  const parsed = textParameters.safeParse(parameters ?? {});
  if (!parsed.success) {
    throw invalid(
      `the full-text index of ${field} has parameters that it cannot have: ${z.prettifyError(parsed.error)}`,
      "They are tokenizer, lowercase, minTokenLength and maxTokenLength.",
    );
  }
  const { tokenizer = "word", lowercase = true, minTokenLength, maxTokenLength } = parsed.data;
  return {
    type: "text",
    tokenizer,
    lowercase,
    ...(minTokenLength !== undefined && { min_token_len: minTokenLength }),
    ...(maxTokenLength !== undefined && { max_token_len: maxTokenLength }),
  };
}

function parseAttachment(attachment: Json): PayloadIndex {
  const parsed = attached.safeParse(attachment);
  if (parsed.success) return parsed.data;
  throw invalid("Qdrant takes payload indexes as attachments alone", "Write payloadIndex(field, type).");
}

function invalid(message: string, hint: string): SluiceError {
  return new SluiceError("export-invalid", message, { hint });
}

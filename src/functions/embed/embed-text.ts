import { z } from "zod";
import { defineFunction } from "../../contracts/define-function.ts";
import type { FunctionUse } from "../../contracts/function.ts";
import { type SluiceSchema, vector } from "../../values/index.ts";
import {
  asEmbeddingModel,
  definedOnce,
  type EmbeddingModelLike,
  estimateTokens,
  type ModelCallOptions,
  modelCallOptions,
  refuseUnknown,
  usualCalls,
} from "../models/index.ts";
import { checkVectors } from "./check-vectors.ts";

/** How calls are made; none of it counts as code. */
export interface EmbedCallOptions extends ModelCallOptions {
  /** How many texts go into one call at most, from whatever rows they are. Default 64. */
  readonly maxBatchSize?: number;
}

/** Which model embeds, and how. */
export interface EmbedTextOptions extends EmbedCallOptions {
  /** A model of the AI SDK, `openAiCompatible({ … })`, `transformersModel({ … })`, or one of your own. */
  readonly model: EmbeddingModelLike;
  /** How many numbers its vectors have. */
  readonly dimension: number;
  /** Put before each text. Some models want one, and another for queries: `"search_document: "`. */
  readonly prefix?: string;
}

/** A function from a text to a vector. */
export type TextEmbedding = FunctionUse<
  { text: z.ZodString },
  SluiceSchema<Float32Array, Float32Array | readonly number[]>
>;

const specSchema = z.object({
  model: z.custom<EmbeddingModelLike>().transform(asEmbeddingModel),
  dimension: z.int().positive(),
  prefix: z.string().optional(),
});

const embedding = definedOnce(({ maxBatchSize = 64, ...options }: EmbedCallOptions) =>
  defineFunction({
    name: "embedText",
    timeout: "2m",
    ...usualCalls,
    ...options,
    version: 1,
    spec: specSchema,
    input: { text: z.string() },
    output: ({ dimension }) => vector(dimension),
    countTokens: ({ text }) => estimateTokens(text),
    batching: { maxBatchSize },
    prepare: (spec) => spec,
    async runBatch(inputs, { prepared, signal, countUsage, notice }) {
      const { model, dimension, prefix = "" } = prepared;
      const texts = inputs.map(({ text }) => prefix + text);
      const { vectors, inputTokens } = await model.embed(texts, { dimension, signal, notice });
      if (inputTokens !== undefined) countUsage({ inputTokens });
      return checkVectors(vectors, { model: model.name, dimension, count: texts.length });
    },
  }),
);

/**
 * Makes a vector of a text by a model. Texts of many rows go into one call; results are cached, so that a text is
 * embedded once. Calls that fail for a passing reason are tried again, after what the service's `Retry-After` asks.
 *
 * The model's identity, the dimension and the prefix are input: with others, texts are embedded again. Limits are not.
 *
 * @example
 * const embed = embedText({
 *   model: openAiCompatible({ url: "http://localhost:11434/v1", model: "nomic-embed-text" }),
 *   dimension: 768,
 *   prefix: "search_document: ",
 * });
 * // in a flow: chunk.text.transform(embed)
 *
 * @throws SluiceError `spec-invalid`, `option-invalid`; for a row `model-failed`, `model-answer-invalid`,
 * `function-timeout`; for an update `package-missing`, `secret-missing`
 */
export function embedText({ model, dimension, prefix, ...calls }: EmbedTextOptions): TextEmbedding {
  refuseUnknown("embedText", calls, ["model", "dimension", "prefix", "maxBatchSize", ...modelCallOptions]);
  return embedding(calls)({ model, dimension, ...(prefix === undefined ? {} : { prefix }) });
}

import { z } from "zod";
import { SluiceError } from "../../errors/index.ts";
import type { Embeddings } from "./embedding-model.ts";

/** As far as it is used; whether vectors are as they should be is checked for every kind of model. */
const answerSchema = z.object({
  data: z.array(
    z.object({ index: z.int().optional(), embedding: z.array(z.number().nullable()).nullable() }),
  ),
  usage: z
    .object({ prompt_tokens: z.number().nullish(), total_tokens: z.number().nullish() })
    .nullish()
    .catch(null),
});

/** Reads an answer of `/embeddings`; `model-answer-invalid` for what is none. */
export function readEmbeddings(model: string, answer: unknown): Embeddings {
  const result = answerSchema.safeParse(answer);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    const at = path.length === 0 ? "" : ` at ${path.map(String).join(".")}`;
    throw new SluiceError("model-answer-invalid", `model ${model} answered no embeddings:${at} ${message}`);
  }
  const { data, usage } = result.data;
  const inOrder = data.every(({ index }) => index !== undefined)
    ? [...data].sort((a, b) => a.index! - b.index!)
    : data;
  const inputTokens = usage?.prompt_tokens ?? usage?.total_tokens;
  return {
    // JSON has no NaN: servers put null in its place.
    vectors: inOrder.map(({ embedding }) => embedding?.map((number) => number ?? Number.NaN) ?? null),
    ...(inputTokens == null ? {} : { inputTokens }),
  };
}

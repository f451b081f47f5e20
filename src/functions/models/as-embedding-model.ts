import { SluiceError } from "../../errors/index.ts";
import { type AiSdkEmbeddingModel, aiSdkModel, isAiSdkEmbeddingModel } from "./ai-sdk-model.ts";
import type { EmbeddingModel } from "./embedding-model.ts";

/** What is taken for an embedding model: one of ours, or one of the AI SDK's. */
export type EmbeddingModelLike = EmbeddingModel | AiSdkEmbeddingModel;

/** The model as one of ours; `option-invalid` for what is none. */
export function asEmbeddingModel(given: EmbeddingModelLike): EmbeddingModel {
  if (isEmbeddingModel(given)) return given;
  if (isAiSdkEmbeddingModel(given)) return aiSdkModel(given);
  throw new SluiceError("option-invalid", "the model is no embedding model", {
    hint: "Give openAiCompatible({ … }), transformersModel({ … }) or an embedding model of the AI SDK.",
  });
}

function isEmbeddingModel(given: unknown): given is EmbeddingModel {
  if (typeof given !== "object" || given === null) return false;
  const { name, embed, toJSON } = given as Partial<Record<keyof EmbeddingModel, unknown>>;
  return typeof name === "string" && typeof embed === "function" && typeof toJSON === "function";
}

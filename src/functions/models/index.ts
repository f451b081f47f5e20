export {
  type AiSdkEmbeddingModel,
  type AiSdkLanguageModel,
  type AiSdkOptions,
  type AiSdkProviderOptions,
  aiSdkModel,
} from "./ai-sdk-model.ts";
export { asEmbeddingModel, type EmbeddingModelLike } from "./as-embedding-model.ts";
export { asTextModel, type TextModelLike } from "./as-text-model.ts";
export { type ModelCallOptions, modelCallOptions, usualCalls } from "./call-options.ts";
export { definedOnce, refuseUnknown } from "./defined-once.ts";
export type { EmbeddingCall, EmbeddingModel, Embeddings } from "./embedding-model.ts";
export { estimateTokens } from "./estimate-tokens.ts";
export type { JsonSchema } from "./json-schema.ts";
export type { ModelCall } from "./model-call.ts";
export type { ModelIdentity } from "./model-identity.ts";
export {
  type OpenAiCompatibleModel,
  type OpenAiCompatibleOptions,
  openAiCompatible,
} from "./open-ai-compatible.ts";
export type { TextAnswer, TextModel, TextRequest, TextTurn } from "./text-model.ts";
export { type TransformersModelOptions, transformersModel } from "./transformers-model.ts";

/** The functions that Sluice brings: `sluice/functions`. */
export {
  type EmbedCallOptions,
  type EmbedTextOptions,
  embedText,
  type HashingEmbedOptions,
  hashingEmbed,
  type TextEmbedding,
} from "./embed/index.ts";
export { type ExtractByLlmOptions, type ExtractCallOptions, extractByLlm } from "./extract/index.ts";
export {
  type AiSdkEmbeddingModel,
  type AiSdkLanguageModel,
  type AiSdkOptions,
  type AiSdkProviderOptions,
  aiSdkModel,
  type EmbeddingCall,
  type EmbeddingModel,
  type EmbeddingModelLike,
  type Embeddings,
  type JsonSchema,
  type ModelCall,
  type ModelCallOptions,
  type ModelIdentity,
  type OpenAiCompatibleModel,
  type OpenAiCompatibleOptions,
  openAiCompatible,
  type TextAnswer,
  type TextModel,
  type TextModelLike,
  type TextRequest,
  type TextTurn,
  type TransformersModelOptions,
  transformersModel,
} from "./models/index.ts";
export {
  docxToText,
  type HtmlToTextOptions,
  htmlToText,
  type PdfToTextOptions,
  parseJson,
  pdfPages,
  pdfToText,
} from "./parse/index.ts";
export {
  type Chunk,
  type ChunkPosition,
  detectProgrammingLanguage,
  splitBySeparators,
  splitRecursively,
} from "./split/index.ts";

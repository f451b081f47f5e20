export {
  type EmbedCallOptions,
  type EmbedTextOptions,
  embedText,
  type TextEmbedding,
} from "./embed-text.ts";
export { type HashingEmbedOptions, hashingEmbed } from "./hashing-embed.ts";

export { type ExtractByLlmOptions, type ExtractCallOptions, extractByLlm } from "./extract-by-llm.ts";

import { z } from "zod";
import { parseSpec } from "../../contracts/parse-spec.ts";
import { type Secret, secret } from "../../contracts/secret.ts";
import type { Json } from "../../contracts/target.ts";
import { readChatAnswer, requestChat } from "./chat-completion.ts";
import type { EmbeddingModel } from "./embedding-model.ts";
import { type ModelServer, postJson } from "./model-server.ts";
import { readEmbeddings } from "./read-embeddings.ts";
import type { TextModel } from "./text-model.ts";

/** A model behind the HTTP API that OpenAI has made, and that many servers speak. */
export interface OpenAiCompatibleOptions {
  /** Where the API begins, which usually ends in `/v1`: `https://api.openai.com/v1`, `http://localhost:11434/v1`. */
  readonly url: string;
  /** The model's name to the server. */
  readonly model: string;
  /** Sent as `Authorization: Bearer …`. Text, or `env("OPENAI_API_KEY")`. */
  readonly apiKey?: string | Secret;
  /** Sent with each request. Values may be secrets: `{ "api-key": env("AZURE_KEY") }`. */
  readonly headers?: Readonly<Record<string, string | Secret>>;
  /** Embeddings: ask for vectors of the wanted dimension, which some models can shorten theirs to. Default false. */
  readonly dimensions?: boolean;
  /**
   * Text: how the server is asked for JSON. `schema`: it makes the answer fit the schema (`response_format:
   * json_schema`). `object`: it makes it JSON (`json_object`), and the model is told the schema. `none`: the model is
   * told, and no more. Default `schema`.
   */
  readonly jsonMode?: "schema" | "object" | "none";
  /** Further fields of each request's body. They count as part of the model's identity. */
  readonly parameters?: Readonly<Record<string, Json>>;
  /** What stands for the model in place of its name, where two servers mean different models by one name. */
  readonly id?: string;
}

/** A model that embeds texts, or answers in text, whichever it can. */
export type OpenAiCompatibleModel = EmbeddingModel & TextModel;

const optionsSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "must be a URL with http: or https:" }),
  model: z.string().min(1),
  apiKey: secret().optional(),
  headers: z.record(z.string(), secret()).default({}),
  dimensions: z.boolean().default(false),
  jsonMode: z.enum(["schema", "object", "none"]).default("schema"),
  parameters: z.record(z.string(), z.json()).default({}),
  id: z.string().min(1).optional(),
});

/**
 * A model behind an HTTP API like OpenAI's: of OpenAI itself, Ollama, LM Studio, vLLM, LiteLLM and others, by URL. For
 * `embedText` it calls `/embeddings`, for `extractByLlm` `/chat/completions`.
 *
 * In fingerprints the model stands by its name (or `id`) and parameters. Where it is served does not count, nor do keys
 * and headers: a server that moves computes nothing again.
 *
 * @example
 * openAiCompatible({ url: "http://localhost:11434/v1", model: "nomic-embed-text" });
 * openAiCompatible({ url: "https://api.openai.com/v1", model: "text-embedding-3-small", apiKey: env("OPENAI_API_KEY") });
 *
 * @throws SluiceError `spec-invalid`, for options that do not fit
 */
export function openAiCompatible(options: OpenAiCompatibleOptions): OpenAiCompatibleModel {
  const parsed = parseSpec("openAiCompatible", optionsSchema, options) as z.output<typeof optionsSchema>;
  const { model, dimensions, jsonMode, parameters, id } = parsed;
  const server: ModelServer = {
    url: parsed.url,
    model,
    apiKey: parsed.apiKey ?? null,
    headers: parsed.headers,
  };
  const counted =
    Object.keys(parameters).length > 0 ? { parameters: parameters as Record<string, Json> } : {};
  return {
    name: model,
    async embed(texts, { dimension, signal }) {
      const asked = { ...parameters, model, input: texts, ...(dimensions ? { dimensions: dimension } : {}) };
      return readEmbeddings(model, await postJson(server, { path: "embeddings", body: asked, signal }));
    },
    async generate(request, { signal }) {
      const asked = { ...parameters, ...requestChat(model, jsonMode, request) };
      return readChatAnswer(model, await postJson(server, { path: "chat/completions", body: asked, signal }));
    },
    toJSON: () => ({ provider: "openai-compatible", model: id ?? model, ...counted }),
  };
}

import { optionalPackage } from "../../contracts/optional-package.ts";
import { isSluiceError, messageOf, SluiceError } from "../../errors/index.ts";
import type { EmbeddingModel } from "./embedding-model.ts";
import type { ModelCall } from "./model-call.ts";
import type { ModelIdentity } from "./model-identity.ts";
import { withoutPrinting } from "./quiet-ai-sdk.ts";
import type { TextAnswer, TextModel, TextRequest } from "./text-model.ts";

/** An embedding model of the AI SDK, by its shape. */
export interface AiSdkEmbeddingModel {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  doEmbed(options: never): PromiseLike<unknown>;
}

/** A language model of the AI SDK, by its shape. */
export interface AiSdkLanguageModel {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  doGenerate(options: never): PromiseLike<unknown>;
}

/** Options of the provider, by its name, as the AI SDK takes them: `{ openai: { dimensions: 512 } }`. */
export type AiSdkProviderOptions = { readonly [provider: string]: ModelIdentity };

/** How a model of the AI SDK is used. */
export interface AiSdkOptions {
  /** Given with each call. They count as part of the model's identity. */
  readonly providerOptions?: AiSdkProviderOptions;
}

/**
 * A model of the AI SDK with options of its provider. Without options, give the model itself.
 *
 * @example
 * embedText({
 *   model: aiSdkModel(openai.embedding("text-embedding-3-small"), { providerOptions: { openai: { dimensions: 512 } } }),
 *   dimension: 512,
 * });
 *
 * @throws SluiceError `option-invalid`, for what is no model
 */
export function aiSdkModel(model: AiSdkEmbeddingModel, options?: AiSdkOptions): EmbeddingModel;
export function aiSdkModel(model: AiSdkLanguageModel, options?: AiSdkOptions): TextModel;
export function aiSdkModel(
  model: AiSdkEmbeddingModel | AiSdkLanguageModel,
  { providerOptions }: AiSdkOptions = {},
): EmbeddingModel | TextModel {
  const used: UsedModel = { model, name: `${model.provider} ${model.modelId}`, providerOptions };
  const own = { name: used.name, toJSON: () => identityOf(used) };
  if (isAiSdkEmbeddingModel(model))
    return { ...own, embed: (texts, call) => asked(used, call, () => embed(used, texts, call)) };
  if (isAiSdkLanguageModel(model))
    return { ...own, generate: (request, call) => asked(used, call, () => generate(used, request, call)) };
  throw new SluiceError("option-invalid", "aiSdkModel was given what is no model of the AI SDK", {
    hint: 'Give what a provider makes, such as openai.embedding("text-embedding-3-small").',
  });
}

/** Whether something has the shape of an embedding model of the AI SDK. */
export function isAiSdkEmbeddingModel(given: unknown): given is AiSdkEmbeddingModel {
  return isModel(given) && typeof (given as Partial<AiSdkEmbeddingModel>).doEmbed === "function";
}

/** Whether something has the shape of a language model of the AI SDK. */
export function isAiSdkLanguageModel(given: unknown): given is AiSdkLanguageModel {
  return isModel(given) && typeof (given as Partial<AiSdkLanguageModel>).doGenerate === "function";
}

function isModel(given: unknown): given is object {
  if (typeof given !== "object" || given === null) return false;
  const { provider, modelId } = given as Partial<AiSdkEmbeddingModel>;
  return typeof provider === "string" && typeof modelId === "string";
}

interface UsedModel {
  readonly model: AiSdkEmbeddingModel | AiSdkLanguageModel;
  readonly name: string;
  readonly providerOptions: AiSdkProviderOptions | undefined;
}

/** The version of the SDK's interface is no part of it: an upgrade computes nothing again. */
function identityOf({ model, providerOptions }: UsedModel): ModelIdentity {
  const { provider, modelId } = model;
  return { provider, model: modelId, ...(providerOptions ? { providerOptions } : {}) };
}

const load = () => optionalPackage("ai", () => import("ai"));

/** Runs a call; what it throws says which model it was. */
async function asked<T>({ name }: UsedModel, { signal }: ModelCall, call: () => Promise<T>): Promise<T> {
  return withoutPrinting(call).catch((thrown: unknown) => {
    signal.throwIfAborted();
    if (isSluiceError(thrown)) throw thrown;
    throw new SluiceError("model-failed", `model ${name}: ${messageOf(thrown)}`, { cause: thrown });
  });
}

async function embed({ model, providerOptions }: UsedModel, texts: readonly string[], call: ModelCall) {
  const { embedMany } = await load();
  const { embeddings, usage, warnings } = await embedMany({
    model: model as never,
    values: [...texts],
    maxRetries: 0, // the engine tries again
    abortSignal: call.signal,
    ...(providerOptions ? { providerOptions: providerOptions as never } : {}),
  });
  tellWarnings(warnings, call);
  return { vectors: embeddings, ...tokens("inputTokens", usage?.tokens) };
}

async function generate(
  { model, providerOptions }: UsedModel,
  request: TextRequest,
  call: ModelCall,
): Promise<TextAnswer> {
  const { generateText, jsonSchema, Output } = await load();
  const output = Output.object({ schema: jsonSchema(request.schema as never) });
  const asked = {
    model: model as never,
    system: request.system,
    messages: request.turns.map(({ role, content }) => ({ role, content })),
    maxRetries: 0,
    abortSignal: call.signal,
    output,
    // What version 5 calls it.
    experimental_output: output,
    ...(request.temperature === null ? {} : { temperature: request.temperature }),
    ...(providerOptions ? { providerOptions: providerOptions as never } : {}),
  };
  const result = await generateText(asked).catch(unreadable);
  tellWarnings(result.warnings, call);
  return answerOf(result);
}

interface Generated {
  readonly text: string;
  readonly finishReason?: string | undefined;
  readonly usage?: { readonly inputTokens?: number | undefined; readonly outputTokens?: number | undefined };
  readonly warnings?: readonly unknown[] | undefined;
}

/** An answer that is no JSON is an answer still: it is looked at where it is known what was asked. */
function unreadable(thrown: unknown): Generated {
  const { name, text } = thrown as Partial<Generated> & { readonly name?: unknown };
  if (name === "AI_NoObjectGeneratedError" && typeof text === "string") return thrown as Generated;
  throw thrown;
}

function answerOf({ text, finishReason, usage }: Generated): TextAnswer {
  const cut = finishReason === "length" || finishReason === "content-filter";
  return {
    text,
    ...(cut ? { ended: finishReason } : {}),
    ...tokens("inputTokens", usage?.inputTokens),
    ...tokens("outputTokens", usage?.outputTokens),
  };
}

/** Some models do not say; the SDK then has NaN. */
function tokens<Name extends string>(name: Name, count: number | undefined): { [K in Name]?: number } {
  return (Number.isFinite(count) ? { [name]: count } : {}) as { [K in Name]?: number };
}

function tellWarnings(warnings: readonly unknown[] | undefined, call: ModelCall): void {
  for (const warning of warnings ?? []) {
    const { type, feature, setting, details, message } = warning as Record<string, unknown>;
    const parts = [type, feature ?? setting, details, message].filter((part) => typeof part === "string");
    call.notice(`the AI SDK warns: ${parts.join(": ")}`);
  }
}

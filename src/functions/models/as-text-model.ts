import { SluiceError } from "../../errors/index.ts";
import { type AiSdkLanguageModel, aiSdkModel, isAiSdkLanguageModel } from "./ai-sdk-model.ts";
import type { TextModel } from "./text-model.ts";

/** What is taken for a model that answers in text: one of ours, or a language model of the AI SDK. */
export type TextModelLike = TextModel | AiSdkLanguageModel;

/** The model as one of ours; `option-invalid` for what is none. */
export function asTextModel(given: TextModelLike): TextModel {
  if (isTextModel(given)) return given;
  if (isAiSdkLanguageModel(given)) return aiSdkModel(given);
  throw new SluiceError("option-invalid", "the model is none that answers in text", {
    hint: "Give openAiCompatible({ … }) or a language model of the AI SDK.",
  });
}

function isTextModel(given: unknown): given is TextModel {
  if (typeof given !== "object" || given === null) return false;
  const { name, generate, toJSON } = given as Partial<Record<keyof TextModel, unknown>>;
  return typeof name === "string" && typeof generate === "function" && typeof toJSON === "function";
}

import { z } from "zod";
import { SluiceError } from "../../errors/index.ts";
import { asStrictSchema } from "./strict-schema.ts";
import type { TextAnswer, TextRequest } from "./text-model.ts";

/** The body of a request to `/chat/completions`. */
export function requestChat(
  model: string,
  jsonMode: "schema" | "object" | "none",
  { system, turns, schema, temperature }: TextRequest,
): Record<string, unknown> {
  const told = jsonMode === "schema" ? system : `${system}\n\nThe JSON Schema: ${JSON.stringify(schema)}`;
  return {
    model,
    messages: [{ role: "system", content: told }, ...turns],
    ...(temperature === null ? {} : { temperature }),
    ...(jsonMode === "schema"
      ? {
          response_format: {
            type: "json_schema",
            json_schema: { name: "answer", ...asStrictSchema(schema) },
          },
        }
      : {}),
    ...(jsonMode === "object" ? { response_format: { type: "json_object" } } : {}),
  };
}

const answerSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z
    .object({ prompt_tokens: z.number().nullish(), completion_tokens: z.number().nullish() })
    .nullish()
    .catch(null),
});

/** Reads an answer of `/chat/completions`; `model-answer-invalid` for what is none. */
export function readChatAnswer(model: string, answer: unknown): TextAnswer {
  const result = answerSchema.safeParse(answer);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    const at = path.length === 0 ? "" : ` at ${path.map(String).join(".")}`;
    throw new SluiceError("model-answer-invalid", `model ${model} answered no completion:${at} ${message}`);
  }
  const { choices, usage } = result.data;
  const { message, finish_reason: reason } = choices[0]!;
  const ended = message.refusal
    ? `it refused: ${message.refusal}`
    : reason === "length"
      ? "length"
      : undefined;
  return {
    text: message.content ?? "",
    ...(ended === undefined ? {} : { ended }),
    ...(usage?.prompt_tokens == null ? {} : { inputTokens: usage.prompt_tokens }),
    ...(usage?.completion_tokens == null ? {} : { outputTokens: usage.completion_tokens }),
  };
}

import { z } from "zod";
import { defineFunction } from "../../contracts/define-function.ts";
import type { FunctionContext, FunctionUse } from "../../contracts/function.ts";
import type { ValueSchema } from "../../contracts/schema.ts";
import { SluiceError } from "../../errors/index.ts";
import {
  asTextModel,
  definedOnce,
  estimateTokens,
  type ModelCallOptions,
  modelCallOptions,
  refuseUnknown,
  type TextAnswer,
  type TextModelLike,
  type TextTurn,
  usualCalls,
} from "../models/index.ts";
import { type AnswerSchema, answerSchema } from "./answer-schema.ts";
import { readAnswer } from "./read-answer.ts";

/** How calls are made; none of it counts as code. */
export interface ExtractCallOptions extends ModelCallOptions {
  /**
   * How often a model is asked for one text, the first time included, where its answer does not fit: each time with the
   * reason. Default 3. `rateLimit` counts these as one call, `tokenLimit` counts their tokens.
   */
  readonly answers?: number;
}

/** What is extracted by which model. */
export interface ExtractByLlmOptions<O extends ValueSchema> extends ExtractCallOptions {
  /** A language model of the AI SDK, `openAiCompatible({ … })`, or one of your own. */
  readonly model: TextModelLike;
  /** What is wanted. Descriptions of fields (`.describe("…")`) are shown to the model. */
  readonly output: O;
  /** What to do with the text, in words. */
  readonly instruction: string;
  /** Default 0. Null leaves it to the model, for models that take none. */
  readonly temperature?: number | null;
  /** Bump it to ask again for every text, such as after a change of refinements, which are not seen. */
  readonly version?: number | string;
}

/** A schema with what models are told of it; in fingerprints it stands as that. */
interface Output extends AnswerSchema {
  readonly zod: ValueSchema;
  toJSON(): unknown;
}

const specSchema = z.object({
  model: z.custom<TextModelLike>().transform(asTextModel),
  output: z.custom<ValueSchema>().transform((given): Output => {
    const asked = answerSchema(given);
    return { ...asked, zod: given, toJSON: () => asked.schema };
  }),
  instruction: z.string().min(1),
  temperature: z.number().min(0).nullable().default(0),
  version: z.union([z.string(), z.number()]).optional(),
});

type Spec = z.output<typeof specSchema>;

const extraction = definedOnce(({ answers = 3, ...options }: ExtractCallOptions) =>
  defineFunction({
    name: "extractByLlm",
    timeout: "5m",
    ...usualCalls,
    ...options,
    version: 1,
    spec: specSchema,
    input: { text: z.string() },
    output: ({ output }): ValueSchema => output.zod,
    countTokens: ({ text }) => estimateTokens(text),
    prepare: (spec) => spec,
    run: ({ text }, context) => extract(text, answers, context),
  }),
);

/**
 * Extracts from a text what a schema describes, by a language model. Results are cached. An answer that does not fit is
 * asked for again with the reason; when none fits, the row fails.
 *
 * Model, instruction, schema and temperature are input: with others, texts are read again. Limits are not.
 *
 * @example
 * const readInvoice = extractByLlm({
 *   model: openAiCompatible({ url: "http://localhost:11434/v1", model: "llama3.2" }),
 *   instruction: "Read the invoice.",
 *   output: z.object({ number: z.string(), due: date().nullable(), total: z.number().describe("with tax") }),
 * });
 * // in a flow: file.content.transform(readInvoice)
 *
 * @throws SluiceError `spec-invalid`, `option-invalid`, `schema-unsupported`; for a row `extraction-invalid`,
 * `model-failed`, `model-answer-invalid`, `function-timeout`; for an update `package-missing`, `secret-missing`
 */
export function extractByLlm<O extends ValueSchema>({
  model,
  output,
  instruction,
  temperature,
  version,
  ...calls
}: ExtractByLlmOptions<O>): FunctionUse<{ text: z.ZodString }, O> {
  const own = ["model", "output", "instruction", "temperature", "version", "answers"];
  refuseUnknown("extractByLlm", calls, [...own, ...modelCallOptions]);
  checkAnswers(calls.answers);
  const use = extraction(calls)({
    model,
    output,
    instruction,
    ...(temperature === undefined ? {} : { temperature }),
    ...(version === undefined ? {} : { version }),
  });
  return use as FunctionUse<{ text: z.ZodString }, O>;
}

function checkAnswers(answers: number | undefined): void {
  if (answers === undefined || (Number.isSafeInteger(answers) && answers > 0)) return;
  throw new SluiceError(
    "option-invalid",
    `extractByLlm: answers must be a whole number above 0, not ${answers}`,
  );
}

async function extract(text: string, answers: number, context: FunctionContext<Spec>): Promise<unknown> {
  const { prepared, signal, notice, countUsage } = context;
  const { model, output, instruction, temperature } = prepared;
  const system = `${instruction}\n\n${manner}`;
  const turns: TextTurn[] = [{ role: "user", content: text }];
  for (let asked = 1; ; asked++) {
    const request = { system, turns, schema: output.schema, temperature };
    const answer = await model.generate(request, { signal, notice });
    countUsage(usageOf(answer));
    const read = readAnswer(answer.text, output.zod, output.wrapped);
    if (read.kind === "fits") return read.value;
    const problem = answer.ended === undefined ? read.problem : `${read.problem} (${answer.ended})`;
    if (asked === answers) throw unfit({ model: model.name, asked, problem, answer: answer.text });
    turns.push({ role: "assistant", content: answer.text });
    turns.push({ role: "user", content: again(problem) });
  }
}

const manner =
  "Answer with one JSON object that fits the given JSON Schema, and nothing else. Take what you say from the text alone; where it does not say something that may be null, say null.";

function again(problem: string): string {
  return `That answer does not fit the JSON Schema: ${problem}. Answer again with the whole JSON object, put right, and nothing else.`;
}

function usageOf({ inputTokens, outputTokens }: TextAnswer) {
  return {
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
  };
}

interface Unfit {
  readonly model: string;
  readonly asked: number;
  readonly problem: string;
  readonly answer: string;
}

function unfit({ model, asked, problem, answer }: Unfit): SluiceError {
  const times = asked === 1 ? "once" : `${asked} times`;
  const message = `model ${model} was asked ${times} and gave no answer that fits: ${short(problem, 300)}`;
  return new SluiceError(
    "extraction-invalid",
    `${message}. It answered: ${short(answer, 200) || "nothing"}`,
    {
      hint: "Say in the instruction or in descriptions of fields what is wanted, make fields nullable, or take another model.",
    },
  );
}

function short(text: string, length: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length)}…` : line;
}

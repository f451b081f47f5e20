import type { JsonSchema } from "./json-schema.ts";
import type { ModelCall } from "./model-call.ts";
import type { ModelIdentity } from "./model-identity.ts";

/** One turn of a conversation. */
export interface TextTurn {
  readonly role: "user" | "assistant";
  readonly content: string;
}

/** What is asked of a model that answers in text. */
export interface TextRequest {
  readonly system: string;
  readonly turns: readonly TextTurn[];
  /** The answer is to be JSON that fits it: an object. */
  readonly schema: JsonSchema;
  /** Null: the model's own. */
  readonly temperature: number | null;
}

/** What a model answers. */
export interface TextAnswer {
  /** JSON, if the model did as it was asked. */
  readonly text: string;
  /** Why there is no more of it, where that is no usual end: it was cut short, or the model refused. */
  readonly ended?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/**
 * A model that answers in text. `openAiCompatible` and `aiSdkModel` make one; so can you. What it throws for a server's
 * refusal has the HTTP `status` on it or on a cause, so that it is known whether to try again.
 */
export interface TextModel {
  /** What it is called in messages. */
  readonly name: string;
  generate(request: TextRequest, call: ModelCall): Promise<TextAnswer>;
  /** What tells its results from those of other models, without secrets: with another one, texts are read again. */
  toJSON(): ModelIdentity;
}

import type { ModelCall } from "./model-call.ts";
import type { ModelIdentity } from "./model-identity.ts";

/** What is asked of an embedding model. */
export interface EmbeddingCall extends ModelCall {
  /** How many numbers a vector is to have, for models that can be told. */
  readonly dimension: number;
}

/** What an embedding model answers. */
export interface Embeddings {
  /** One for each text, in the same order. */
  readonly vectors: readonly (ArrayLike<number> | null)[];
  /** How many tokens it read, where it says so. */
  readonly inputTokens?: number;
}

/**
 * A model that makes vectors of texts. `openAiCompatible`, `transformersModel` and `aiSdkModel` make one; so can you.
 *
 * It guarantees: equal texts get equal vectors, as near as the model can; what it throws for a server's refusal has the
 * HTTP `status` on it or on a cause, so that it is known whether to try again.
 */
export interface EmbeddingModel {
  /** What it is called in messages. */
  readonly name: string;
  embed(texts: readonly string[], call: EmbeddingCall): Promise<Embeddings>;
  /** What tells its results from those of other models, without secrets: with another one, texts are embedded again. */
  toJSON(): ModelIdentity;
}

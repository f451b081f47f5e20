import { z } from "zod";
import { defineFunction } from "../../contracts/define-function.ts";
import { vector } from "../../values/index.ts";
import type { TextEmbedding } from "./embed-text.ts";
import { hashText } from "./hash-text.ts";

/** How long the vectors are. */
export interface HashingEmbedOptions {
  /** How many numbers a vector has. The fewer, the more words share one: 256 and more will do. */
  readonly dimension: number;
}

const hashing = defineFunction({
  name: "hashingEmbed",
  version: 1,
  spec: z.strictObject({ dimension: z.int().positive() }),
  input: { text: z.string() },
  output: ({ dimension }) => vector(dimension),
  prepare: (spec) => spec,
  run: ({ text }, { prepared }) => hashText(text, prepared.dimension),
});

/**
 * Makes a vector of a text without a model and without a network, for tests and first steps. It is lexical: texts are
 * near that have words, or parts of words, in common, and not those that mean the same in other words.
 *
 * Each word and each run of three letters of a word (two in scripts without spaces) is hashed to a place of the vector
 * and a sign, as in Weinberger et al., "Feature Hashing for Large Scale Multitask Learning" (ICML 2009); the sum has
 * length 1. Equal texts have equal vectors on every platform.
 *
 * @example
 * chunk.text.transform(hashingEmbed({ dimension: 384 }));
 *
 * @throws SluiceError `spec-invalid`
 */
export function hashingEmbed(options: HashingEmbedOptions): TextEmbedding {
  return hashing(options);
}

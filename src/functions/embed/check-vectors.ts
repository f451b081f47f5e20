import { SluiceError } from "../../errors/index.ts";

/** What was asked of which model. */
export interface AskedVectors {
  readonly model: string;
  readonly dimension: number;
  readonly count: number;
}

/**
 * The vectors as they are given back, an error in place of each that is not as it was asked for: the rows of the others
 * need not suffer, and asking again would cost and say the same.
 *
 * @throws SluiceError `model-answer-invalid`, for another number of vectors
 */
export function checkVectors(
  vectors: readonly (ArrayLike<number> | null)[],
  asked: AskedVectors,
): (Float32Array | SluiceError)[] {
  if (vectors.length !== asked.count) {
    throw unfit(asked, `gave ${vectors.length} vectors for ${asked.count} texts`);
  }
  return vectors.map((vector) => checked(vector, asked));
}

function checked(vector: ArrayLike<number> | null, asked: AskedVectors): Float32Array | SluiceError {
  if (vector === null) return unfit(asked, "gave no vector");
  if (vector.length !== asked.dimension) {
    return unfit(asked, `gave a vector of ${vector.length} numbers, and not of ${asked.dimension}`, {
      hint: `Say dimension: ${vector.length}, or choose a model whose vectors have ${asked.dimension} numbers.`,
    });
  }
  const numbers = Float32Array.from(vector);
  const wrong = numbers.findIndex((number) => !Number.isFinite(number));
  if (wrong === -1) return numbers;
  return unfit(asked, `gave a vector with ${vector[wrong]} in it, at ${wrong}`);
}

function unfit({ model }: AskedVectors, what: string, options: { readonly hint?: string } = {}): SluiceError {
  return new SluiceError("model-answer-invalid", `model ${model} ${what}`, options);
}

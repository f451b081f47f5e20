import { z } from "zod";
import { optionalPackage } from "../../contracts/optional-package.ts";
import { parseSpec } from "../../contracts/parse-spec.ts";
import { isSluiceError, messageOf, SluiceError } from "../../errors/index.ts";
import type { EmbeddingModel } from "./embedding-model.ts";

/** A model that runs in this process. */
export interface TransformersModelOptions {
  /** Its name on the Hugging Face Hub, such as `Xenova/all-MiniLM-L6-v2`, or a directory. */
  readonly model: string;
  /** How the vectors of tokens become one of the text; the model's page says which. Default `mean`. */
  readonly pooling?: "mean" | "cls" | "last_token";
  /** Make every vector of length 1. Default true. */
  readonly normalize?: boolean;
  /** How its numbers are stored: `fp32`, `fp16`, `q8`, `q4`… Default `fp32`. */
  readonly dtype?: string;
  /** A branch, tag or commit of the model. Default `main`. */
  readonly revision?: string;
  /** Where it runs, such as `cpu`, `cuda`, `webgpu`. Does not count as part of its identity. */
  readonly device?: string;
}

const optionsSchema = z.strictObject({
  model: z.string().min(1),
  pooling: z.enum(["mean", "cls", "last_token"]).default("mean"),
  normalize: z.boolean().default(true),
  dtype: z.string().min(1).default("fp32"),
  revision: z.string().min(1).optional(),
  device: z.string().min(1).optional(),
});

/**
 * An embedding model that runs in this process, by `@huggingface/transformers`, which has to be installed. The model is
 * downloaded when it is first used, unless it is there. Texts longer than the model reads are cut.
 *
 * @example
 * embedText({ model: transformersModel({ model: "Xenova/all-MiniLM-L6-v2" }), dimension: 384 });
 *
 * @throws SluiceError `spec-invalid`, for options that do not fit
 */
export function transformersModel(options: TransformersModelOptions): EmbeddingModel {
  const parsed = parseSpec("transformersModel", optionsSchema, options) as z.output<typeof optionsSchema>;
  const { model, pooling, normalize, dtype, revision, device } = parsed;
  const where = {
    ...(revision === undefined ? {} : { revision }),
    ...(device === undefined ? {} : { device }),
  };
  const load = async () => {
    const { pipeline } = await optionalPackage(
      "@huggingface/transformers",
      () => import("@huggingface/transformers"),
    );
    return pipeline("feature-extraction", model, { dtype, ...where });
  };
  const extractor = loadedOnce(load);
  return {
    name: model,
    async embed(texts) {
      try {
        const { dims, data } = await (await extractor())([...texts], { pooling, normalize });
        return { vectors: rowsOf(data, dims.at(-1) ?? 0) };
      } catch (thrown) {
        if (isSluiceError(thrown)) throw thrown;
        throw new SluiceError("model-failed", `model ${model}: ${messageOf(thrown)}`, { cause: thrown });
      }
    },
    toJSON: () => ({
      provider: "transformers",
      model,
      pooling,
      normalize,
      dtype,
      ...(revision === undefined ? {} : { revision }),
    }),
  };
}

/** What fails to load is loaded again when it is asked for again. */
function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () => {
    loading ??= load().catch((thrown: unknown) => {
      loading = null;
      throw thrown;
    });
    return loading;
  };
}

function rowsOf(data: Float32Array, length: number): Float32Array[] {
  const count = length === 0 ? 0 : data.length / length;
  return Array.from({ length: count }, (_, i) => data.slice(i * length, (i + 1) * length));
}

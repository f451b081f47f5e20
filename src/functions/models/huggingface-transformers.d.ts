/** What is used of the package, which is not installed with this one's development dependencies: it has 474 MB. */
declare module "@huggingface/transformers" {
  interface Tensor {
    /** Texts, then numbers a text. */
    readonly dims: readonly number[];
    readonly data: Float32Array;
  }

  type FeatureExtraction = (
    texts: readonly string[],
    options: { readonly pooling: "mean" | "cls" | "last_token"; readonly normalize: boolean },
  ) => Promise<Tensor>;

  export function pipeline(
    task: "feature-extraction",
    model: string,
    options: { readonly dtype: string; readonly revision?: string; readonly device?: string },
  ): Promise<FeatureExtraction>;
}

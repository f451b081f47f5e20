/** What every vector has. */
export const dimension = 384;

export interface FakeEmbedderOptions {
  /** Milliseconds that a call waits, as one over a network would; with 0 there is no timer. */
  readonly delay: number;
  /** Texts that a call may have at most. */
  readonly batch?: number;
  /** Once so many texts have been embedded the process kills itself, as a crash would; null: never. */
  readonly stopAfterTexts: number | null;
}

/** Stands for a model: equal texts have equal vectors, others have others, and it costs next to nothing. */
export class FakeEmbedder {
  readonly #options: FakeEmbedderOptions;
  /** How often it was called, and with how many texts. */
  calls = 0;
  texts = 0;

  constructor(options: FakeEmbedderOptions) {
    this.#options = options;
  }

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    const { delay, batch = Number.POSITIVE_INFINITY, stopAfterTexts } = this.#options;
    if (texts.length > batch) throw new Error(`${texts.length} texts in a call that may have ${batch}`);
    this.calls++;
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    const vectors = texts.map(vectorOf);
    this.texts += texts.length;
    if (stopAfterTexts !== null && this.texts >= stopAfterTexts) process.kill(process.pid, "SIGKILL");
    return vectors;
  }
}

const base = Float32Array.from({ length: dimension }, (_, i) => Math.sin(i + 1) / 14);

/** A copy of one vector in which a few floats tell the text. */
function vectorOf(text: string): Float32Array {
  const vector = base.slice();
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  for (let i = 0; i < 4; i++) {
    vector[i] = (hash >>> 8) / 2 ** 24;
    hash = Math.imul(hash ^ text.length ^ i, 0x01000193);
  }
  return vector;
}

import { SluiceError } from "../errors/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { type Deferred, deferred } from "../kernel/deferred.ts";

interface Waiting {
  readonly input: unknown;
  readonly result: Deferred<unknown>;
}

/**
 * Gathers the inputs of a batched function. A batch is sent when it is full, or when nothing else can run and
 * no other batch of the function is under way; there is no timer.
 */
export class BatchQueue {
  readonly #name: string;
  readonly #maxBatchSize: number;
  readonly #clock: Clock;
  readonly #send: (inputs: readonly unknown[]) => Promise<unknown>;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #idleAsked = false;

  constructor(options: {
    readonly name: string;
    readonly maxBatchSize: number;
    readonly clock: Clock;
    /** Calls the function; resolves to one output for each input. */
    send(inputs: readonly unknown[]): Promise<unknown>;
  }) {
    this.#name = options.name;
    this.#maxBatchSize = options.maxBatchSize;
    this.#clock = options.clock;
    this.#send = (inputs) => options.send(inputs);
  }

  add(input: unknown): Promise<unknown> {
    const result = deferred<unknown>();
    this.#waiting.push({ input, result });
    if (this.#waiting.length >= this.#maxBatchSize) void this.#flush();
    else this.#flushWhenIdle();
    return result.promise;
  }

  #flushWhenIdle(): void {
    if (this.#idleAsked || this.#underWay > 0 || this.#waiting.length === 0) return;
    this.#idleAsked = true;
    void this.#clock.idle().then(() => {
      this.#idleAsked = false;
      if (this.#waiting.length > 0 && this.#underWay === 0) void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#maxBatchSize);
    this.#underWay++;
    try {
      const outputs = await this.#send(batch.map(({ input }) => input));
      this.#settle(batch, outputs);
    } catch (thrown) {
      await this.#halve(batch, thrown);
    } finally {
      this.#underWay--;
      this.#flushWhenIdle();
    }
  }

  /** A batch that fails is halved until the poison input fails alone. */
  async #halve(batch: readonly Waiting[], thrown: unknown): Promise<void> {
    if (batch.length === 1) {
      batch[0]!.result.reject(thrown);
      return;
    }
    const middle = batch.length >> 1;
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      try {
        this.#settle(half, await this.#send(half.map(({ input }) => input)));
      } catch (inner) {
        await this.#halve(half, inner);
      }
    }
  }

  #settle(batch: readonly Waiting[], outputs: unknown): void {
    if (!Array.isArray(outputs) || outputs.length !== batch.length) {
      const got = Array.isArray(outputs) ? `${outputs.length} outputs` : typeof outputs;
      throw new SluiceError(
        "function-output-invalid",
        `function ${this.#name} returned ${got} for ${batch.length} inputs`,
        { hint: "runBatch must return one output for each input, in the same order." },
      );
    }
    batch.forEach(({ result }, i) => {
      result.resolve(outputs[i]);
    });
  }
}

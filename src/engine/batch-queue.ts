import { SluiceError, toSluiceError } from "../errors/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { deferred, type Receiver } from "../kernel/deferred.ts";
import type { Random } from "../kernel/random.ts";
import { findFailing } from "./mutate-groups.ts";
import { isTransient, refusesCaller } from "./retry.ts";

interface Waiting {
  readonly input: unknown;
  readonly urgent: boolean;
  readonly result: Receiver<unknown>;
}

/**
 * Gathers the inputs of a batched function. A batch is sent when it is full, or when nothing else can run and
 * no other batch of the function is under way; there is no timer. A batch with urgent inputs is urgent, takes along
 * what waits, and is held back by urgent ones only: ordinary ones may have long to wait for the function's limits.
 */
export class BatchQueue {
  readonly #name: string;
  readonly #maxBatchSize: number;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #send: (batch: readonly Waiting[]) => Promise<unknown>;
  /** Less than a batch. Urgent ones first: where a batch is halved, the first half does not wait for the other. */
  #waiting: Waiting[] = [];
  #urgentWaiting = 0;
  #underWay = 0;
  #urgentUnderWay = 0;
  #idleAsked = false;

  constructor(options: {
    readonly name: string;
    readonly maxBatchSize: number;
    readonly clock: Clock;
    readonly random: Random;
    /** Calls the function; resolves to one output for each input. */
    send(inputs: readonly unknown[], urgent: boolean): Promise<unknown>;
  }) {
    this.#name = options.name;
    this.#maxBatchSize = options.maxBatchSize;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#send = (batch) =>
      options.send(
        batch.map(({ input }) => input),
        batch.some(({ urgent }) => urgent),
      );
  }

  add(input: unknown, urgent = false): Promise<unknown> {
    const result = deferred<unknown>();
    this.addFor(result, input, urgent);
    return result.promise;
  }

  /** The same for one who takes the output as it comes. */
  addFor(result: Receiver<unknown>, input: unknown, urgent: boolean): void {
    const entry = { input, urgent, result };
    if (urgent) this.#waiting.splice(this.#urgentWaiting++, 0, entry);
    else this.#waiting.push(entry);
    if (this.#waiting.length >= this.#maxBatchSize) void this.#flush();
    else this.#flushWhenIdle();
  }

  #flushWhenIdle(): void {
    if (this.#idleAsked || !this.#maySend()) return;
    this.#idleAsked = true;
    void this.#clock.idle().then(() => {
      this.#idleAsked = false;
      if (this.#maySend()) void this.#flush();
    });
  }

  /** Whether what waits may be sent though it is less than a batch. */
  #maySend(): boolean {
    if (this.#urgentWaiting > 0) return this.#urgentUnderWay === 0;
    return this.#waiting.length > 0 && this.#underWay === 0;
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting;
    const urgent = this.#urgentWaiting > 0 ? 1 : 0;
    this.#waiting = [];
    this.#urgentWaiting = 0;
    this.#underWay++;
    this.#urgentUnderWay += urgent;
    try {
      this.#settle(batch, await this.#send(batch));
    } catch (thrown) {
      if (isTransient(thrown) || refusesCaller(thrown)) await this.#probe(batch, thrown);
      else await this.#halve(batch, thrown);
    } finally {
      this.#underWay--;
      this.#urgentUnderWay -= urgent;
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
        this.#settle(half, await this.#send(half));
      } catch (inner) {
        await this.#halve(half, inner);
      }
    }
  }

  /**
   * A service that is down, does not answer, or refuses us, fails every half of a batch: a few inputs drawn at random tell
   * whether looking for a poison one is worth the calls, as for the rows of a target.
   */
  async #probe(batch: readonly Waiting[], thrown: unknown): Promise<void> {
    const send = async (some: readonly Waiting[]) => {
      try {
        this.#settle(some, await this.#send(some));
        return null;
      } catch (inner) {
        return toSluiceError(inner, "function-failed");
      }
    };
    const group = { rows: batch, random: this.#random, mutate: send, isUnavailable: () => false };
    const { outcomes, down } = await findFailing(group, toSluiceError(thrown, "function-failed"));
    for (const waiting of batch) {
      const error = outcomes.has(waiting) ? outcomes.get(waiting) : down;
      if (error) waiting.result.reject(error);
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
      const output: unknown = outputs[i];
      if (output instanceof Error) result.reject(output);
      else result.resolve(output);
    });
  }
}

import type { Clock } from "../../../kernel/clock.ts";
import { type Deferred, deferred } from "../../../kernel/deferred.ts";

/** How many keys one statement asks for. */
const largestBatch = 200;

/** Asks for many keys at once; yields what was found, by the place of the key. */
export type ReadMany<K, R> = (keys: readonly K[]) => Promise<ReadonlyMap<number, R>>;

interface Waiting<K, R> {
  readonly key: K;
  readonly found: Deferred<R | null>;
}

/** Brings reads of single rows that come in the same moment together. */
export class RowBatches<K, R> {
  readonly #clock: Pick<Clock, "idle">;
  readonly #readMany: ReadMany<K, R>;
  #waiting: Waiting<K, R>[] = [];

  constructor(clock: Pick<Clock, "idle">, readMany: ReadMany<K, R>) {
    this.#clock = clock;
    this.#readMany = readMany;
  }

  /** The row of a key; null where there is none. */
  read(key: K): Promise<R | null> {
    const found = deferred<R | null>();
    this.#waiting.push({ key, found });
    if (this.#waiting.length === 1) void this.#clock.idle().then(() => this.#flush());
    return found.promise;
  }

  #flush(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < all.length; at += largestBatch) void this.#answer(all.slice(at, at + largestBatch));
  }

  async #answer(batch: readonly Waiting<K, R>[]): Promise<void> {
    try {
      const found = await this.#readMany(batch.map(({ key }) => key));
      for (const [place, waiting] of batch.entries()) waiting.found.resolve(found.get(place) ?? null);
    } catch (thrown) {
      for (const waiting of batch) waiting.found.reject(thrown);
    }
  }
}

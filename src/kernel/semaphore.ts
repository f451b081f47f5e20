import { type Deferred, deferred } from "./deferred.ts";
import { onAbort } from "./on-abort.ts";

interface Waiting {
  readonly weight: number;
  readonly ready: Deferred<void>;
  gone: boolean;
}

/** A counted permit with weights: what bounds rows and bytes in flight. First come, first served. */
export class Semaphore {
  readonly capacity: number;
  #free: number;
  /** From `#first` on; thousands may wait, and one at the front must not cost a move of all behind it. */
  #waiting: Waiting[] = [];
  #first = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#free = capacity;
  }

  /** What is taken now. */
  get taken(): number {
    return this.capacity - this.#free;
  }

  /** Takes `weight` at once where it is free and nobody waits. */
  tryTake(weight = 1): boolean {
    if (this.#next() !== null || this.#free < this.#charge(weight)) return false;
    this.#free -= this.#charge(weight);
    return true;
  }

  /** Waits for `weight`. More than the capacity waits until everything is free, and runs alone. */
  async take(weight = 1, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.tryTake(weight)) return;
    const entry = { weight: this.#charge(weight), ready: deferred<void>(), gone: false };
    this.#waiting.push(entry);
    const forget = signal ? onAbort(signal, () => this.#giveUp(entry, signal)) : () => {};
    try {
      await entry.ready.promise;
    } finally {
      forget();
    }
  }

  /** Gives back what `take` or `tryTake` took with the same weight. */
  release(weight = 1): void {
    this.#free += this.#charge(weight);
    this.#admit();
  }

  #charge(weight: number): number {
    return Math.min(weight, this.capacity);
  }

  #giveUp(entry: Waiting, signal: AbortSignal): void {
    if (entry.gone) return;
    entry.gone = true;
    entry.ready.reject(signal.reason);
    this.#admit();
  }

  #admit(): void {
    for (let entry = this.#next(); entry !== null && entry.weight <= this.#free; entry = this.#next()) {
      entry.gone = true;
      this.#free -= entry.weight;
      entry.ready.resolve();
    }
  }

  /** The first that waits still. */
  #next(): Waiting | null {
    while (this.#waiting[this.#first]?.gone) this.#first++;
    if (this.#first >= this.#waiting.length) {
      if (this.#first > 0) this.#waiting = [];
      this.#first = 0;
      return null;
    }
    if (this.#first > 1_024 && this.#first > this.#waiting.length / 2) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    return this.#waiting[this.#first]!;
  }
}

import { type Deferred, deferred } from "./deferred.ts";

/** A counted permit with weights: what bounds rows and bytes in flight. First come, first served. */
export class Semaphore {
  readonly capacity: number;
  #free: number;
  readonly #waiting: { weight: number; ready: Deferred<void> }[] = [];

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
    if (this.#waiting.length > 0 || this.#free < this.#charge(weight)) return false;
    this.#free -= this.#charge(weight);
    return true;
  }

  /** Waits for `weight`. More than the capacity waits until everything is free, and runs alone. */
  async take(weight = 1, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.tryTake(weight)) return;
    const entry = { weight: this.#charge(weight), ready: deferred<void>() };
    const onAbort = () => {
      const at = this.#waiting.indexOf(entry);
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      entry.ready.reject(signal!.reason);
      this.#admit();
    };
    this.#waiting.push(entry);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await entry.ready.promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
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

  #admit(): void {
    while (this.#waiting.length > 0 && this.#waiting[0]!.weight <= this.#free) {
      const entry = this.#waiting.shift()!;
      this.#free -= entry.weight;
      entry.ready.resolve();
    }
  }
}

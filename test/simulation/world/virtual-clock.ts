import { type Clock, systemClock } from "../../../src/kernel/clock.ts";

interface Sleeper {
  readonly due: number;
  wake(): void;
}

/** Where the simulated time begins. */
const epochMs = Date.UTC(2030, 0, 1);

/**
 * A clock on which waiting costs no time: when nothing can run without waiting, it is put to where the next sleeper
 * wakes up. The wall clock can be put back.
 */
export class VirtualClock implements Clock {
  readonly #sleepers = new Set<Sleeper>();
  #elapsed = 0;
  #offset = 0;
  #driving = false;
  #held = 0;

  /** How many wait. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Stands still while something outside of the simulation, such as a disk, is waited for. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#held++;
    try {
      return await work;
    } finally {
      this.#held--;
    }
  }

  now(): number {
    return epochMs + this.#elapsed + this.#offset;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  idle(): Promise<void> {
    return systemClock.idle();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#sleepers.delete(sleeper);
        reject(signal!.reason);
      };
      const sleeper: Sleeper = {
        due: this.#elapsed + ms,
        wake: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
      if (!this.#driving) void this.#drive();
    });
  }

  /** Puts the wall clock forward, or back. */
  shift(ms: number): void {
    this.#offset += ms;
  }

  async #drive(): Promise<void> {
    this.#driving = true;
    for (;;) {
      do {
        await systemClock.idle();
        await systemClock.idle();
      } while (this.#held > 0);
      let next: Sleeper | null = null;
      for (const sleeper of this.#sleepers) if (next === null || sleeper.due < next.due) next = sleeper;
      if (next === null) break;
      this.#sleepers.delete(next);
      this.#elapsed = Math.max(this.#elapsed, next.due);
      next.wake();
    }
    this.#driving = false;
  }
}

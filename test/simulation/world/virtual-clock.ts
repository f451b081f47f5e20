import { type Clock, systemClock } from "../../../src/kernel/clock.ts";
import { onAbort } from "../../../src/kernel/on-abort.ts";

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
  #halted = false;

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
      const stop = () => {
        this.#sleepers.delete(sleeper);
        reject(signal!.reason);
      };
      // As the clock of this machine does it: thousands may sleep on one signal.
      const forget = signal ? onAbort(signal, stop) : () => {};
      const sleeper: Sleeper = {
        due: this.#elapsed + ms,
        wake: () => {
          forget();
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      if (!this.#driving) void this.#drive();
    });
  }

  /** Puts the wall clock forward, or back. */
  shift(ms: number): void {
    this.#offset += ms;
  }

  /** From now on nobody who sleeps wakes up: what still went on, goes on no more. */
  halt(): void {
    this.#halted = true;
  }

  async #drive(): Promise<void> {
    this.#driving = true;
    while (!this.#halted) {
      do {
        await systemClock.idle();
        await systemClock.idle();
      } while (this.#held > 0);
      let next: Sleeper | null = null;
      for (const sleeper of this.#sleepers) if (next === null || sleeper.due < next.due) next = sleeper;
      if (next === null || this.#halted) break;
      this.#sleepers.delete(next);
      this.#elapsed = Math.max(this.#elapsed, next.due);
      next.wake();
    }
    this.#driving = false;
  }
}

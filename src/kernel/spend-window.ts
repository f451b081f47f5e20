import type { Clock } from "./clock.ts";
import { Semaphore } from "./semaphore.ts";

interface Spent {
  amount: number;
  readonly at: number;
}

/** What was taken by estimate, until it is known. */
export interface Spending {
  /** Says what it came to in truth. */
  settle(amount: number): void;
}

/**
 * Bounds what is spent in any span of a fixed length, in amounts that are estimates when they are taken and can be put
 * right afterwards. Each amount is back a fixed time after it was taken. One above the limit waits until nothing else
 * counts. Turns are as in a token bucket.
 */
export class SpendWindow {
  readonly #limit: number;
  readonly #spanMs: number;
  readonly #clock: Clock;
  /** In the order in which they were taken, by the monotonic clock. */
  #spent: Spent[] = [];
  /** One waits for the clock, the others for their turn. */
  readonly #turn = new Semaphore(1);

  constructor(limit: number, spanMs: number, clock: Clock) {
    this.#limit = limit;
    this.#spanMs = spanMs;
    this.#clock = clock;
  }

  /** Resolves when the amount was taken; rejects with the signal's reason when it aborts first. */
  async take(amount: number, signal: AbortSignal, urgent = false): Promise<Spending> {
    await this.#turn.take(1, signal, urgent);
    try {
      await this.#waitFor(amount, signal);
      const spent = { amount, at: this.#clock.monotonic() };
      this.#spent.push(spent);
      return {
        settle: (actual) => {
          spent.amount = actual;
        },
      };
    } finally {
      this.#turn.release();
    }
  }

  async #waitFor(amount: number, signal: AbortSignal): Promise<void> {
    this.#forget();
    for (let left = this.#howManyTooMany(amount); left > 0; left = this.#howManyTooMany(amount)) {
      const waitMs = this.#spent[left - 1]!.at + this.#spanMs - this.#clock.monotonic();
      if (waitMs > 0) await this.#clock.sleep(Math.ceil(waitMs), signal);
      // A clock need not show that a wait has passed, as long as it has waited.
      this.#spent.splice(0, left);
    }
  }

  #forget(): void {
    const since = this.#clock.monotonic() - this.#spanMs;
    const kept = this.#spent.findIndex(({ at }) => at > since);
    this.#spent.splice(0, kept === -1 ? this.#spent.length : kept);
  }

  /** How many of the oldest must be back before the amount fits. */
  #howManyTooMany(amount: number): number {
    let sum = this.#spent.reduce((total, spent) => total + spent.amount, amount);
    let count = 0;
    while (sum > this.#limit && count < this.#spent.length) sum -= this.#spent[count++]!.amount;
    return count;
  }
}

import type { Clock } from "./clock.ts";
import { Semaphore } from "./semaphore.ts";

/**
 * A bucket of tokens, each of which is back a fixed time after it was taken: no span of that length ever sees more
 * taken than the bucket holds. Turns are as in a semaphore, except that who waits for the clock is not overtaken; who
 * gives up waiting takes nothing.
 */
export class TokenBucket {
  readonly #tokens: number;
  readonly #backAfterMs: number;
  readonly #clock: Clock;
  /** When tokens were taken, by the monotonic clock, in a ring: the oldest of a full ring is the next to be back. */
  readonly #taken: number[] = [];
  #oldest = 0;
  /** One waits for the clock, the others for their turn. */
  readonly #turn = new Semaphore(1);

  constructor(tokens: number, backAfterMs: number, clock: Clock) {
    this.#tokens = tokens;
    this.#backAfterMs = backAfterMs;
    this.#clock = clock;
  }

  /** Resolves when a token was taken; rejects with the signal's reason when it aborts first. */
  async take(signal: AbortSignal, urgent = false): Promise<void> {
    await this.#turn.take(1, signal, urgent);
    try {
      const waitMs = this.#waitMs();
      // A clock need not show that a wait has passed, as long as it has waited.
      if (waitMs > 0) await this.#clock.sleep(Math.ceil(waitMs), signal);
      this.#note(this.#clock.monotonic());
    } finally {
      this.#turn.release();
    }
  }

  #waitMs(): number {
    if (this.#taken.length < this.#tokens) return 0;
    return this.#taken[this.#oldest]! + this.#backAfterMs - this.#clock.monotonic();
  }

  #note(at: number): void {
    if (this.#taken.length < this.#tokens) {
      this.#taken.push(at);
      return;
    }
    this.#taken[this.#oldest] = at;
    this.#oldest = (this.#oldest + 1) % this.#tokens;
  }
}

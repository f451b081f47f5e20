import type { Clock } from "../../../kernel/clock.ts";

/** Keeps work that may be asked for all the time to one part in so many of the time. */
export class Ration {
  readonly #clock: Clock;
  readonly #parts: number;
  #notBefore = 0;

  constructor(clock: Clock, parts: number) {
    this.#clock = clock;
    this.#parts = parts;
  }

  get dueInMs(): number {
    return Math.max(0, this.#notBefore - this.#clock.monotonic());
  }

  async spend(work: () => Promise<void>): Promise<void> {
    const begin = this.#clock.monotonic();
    await work();
    this.spent(this.#clock.monotonic() - begin);
  }

  /** Work that takes so long is done, or about to be. */
  spent(ms: number): void {
    this.#notBefore = this.#clock.monotonic() + ms * this.#parts;
  }
}

import type { Clock } from "../../../kernel/clock.ts";

/** Something that is due every so often. */
export class Recurring {
  readonly #clock: Clock;
  readonly #everyMs: number;
  #dueAt: number;

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#dueAt = clock.monotonic() + everyMs;
  }

  get dueInMs(): number {
    return Math.max(0, this.#dueAt - this.#clock.monotonic());
  }

  /** Whether it is due; if so, it is the next time after its wait from now on. */
  take(): boolean {
    if (this.dueInMs > 0) return false;
    this.#dueAt = this.#clock.monotonic() + this.#everyMs;
    return true;
  }
}

import type { Clock } from "./clock.ts";
import { onAbort } from "./on-abort.ts";

/** A wait that can be cut short, for one who waits. Rung while nobody waits, it lets the next wait pass at once. */
export class Alarm {
  readonly #clock: Clock;
  #rung = false;
  #wake = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#wake();
  }

  /** Resolves when it is rung, or the time is over; null: only when it is rung. Rejects with the signal's reason. */
  async wait(ms: number | null, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#rung) await this.#sleep(ms, signal);
    this.#rung = false;
    signal.throwIfAborted();
  }

  async #sleep(ms: number | null, signal: AbortSignal): Promise<void> {
    const cut = new AbortController();
    const cutShort = () => cut.abort();
    const forget = onAbort(signal, cutShort);
    this.#wake = cutShort;
    try {
      if (ms === null) await new Promise<void>((resolve) => onAbort(cut.signal, resolve));
      else await this.#clock.sleep(ms, cut.signal);
    } catch (error) {
      if (!cut.signal.aborted) throw error;
    } finally {
      forget();
      this.#wake = () => {};
    }
  }
}

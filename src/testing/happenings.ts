import { systemClock } from "../kernel/clock.ts";
import { WakeUp } from "../kernel/wake-up.ts";

const never = new AbortController().signal;

/** Things that happen, and one who waits for what they come to. */
export class Happenings {
  readonly #wake = new WakeUp();

  happened(): void {
    this.#wake.call();
  }

  /** Resolves once a condition holds, or when time is up. */
  async until(holds: () => boolean, ms: number): Promise<void> {
    const deadline = systemClock.monotonic() + ms;
    while (!holds()) {
      const leftMs = deadline - systemClock.monotonic();
      if (leftMs <= 0) return;
      await this.#wake.wait(systemClock, leftMs, never);
    }
  }
}

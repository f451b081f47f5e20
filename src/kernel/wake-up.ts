import type { Clock } from "./clock.ts";
import { deferred } from "./deferred.ts";
import { onAbort } from "./on-abort.ts";

/** Longer than anybody waits without a look around. */
const longestMs = 3_600_000;

/** A wait that others can end. Who waits looks afterwards what there is to do. */
export class WakeUp {
  #called = deferred<void>();

  /** Ends the wait under way, or else the next one. */
  call(): void {
    this.#called.resolve();
  }

  /** Resolves when it is called, after `ms` milliseconds, or when the signal aborts. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const forget = onAbort(signal, () => over.abort());
    const slept = clock.sleep(Math.max(0, Math.min(ms, longestMs)), over.signal).catch(() => {});
    try {
      await Promise.race([this.#called.promise, slept]);
    } finally {
      forget();
      over.abort();
      this.#called = deferred();
    }
  }
}

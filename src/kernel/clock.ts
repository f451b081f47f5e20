import { onAbort } from "./on-abort.ts";

/** The time, as the pure layers see it. A simulator gives its own. */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch; may go backwards. */
  now(): number;
  /** Milliseconds of a clock that never goes backwards, from an arbitrary start. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Resolves once everything that can run without waiting has run. */
  idle(): Promise<void>;
}

/** Some 24 days: a timer that is set to more goes off at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: Clock = {
  idle: () => new Promise((resolve) => setImmediate(resolve)),
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const forget = signal ? onAbort(signal, stop) : () => {};
      const timer = setTimeout(
        () => {
          forget();
          resolve();
        },
        Math.min(ms, longestTimerMs),
      );
      function stop() {
        clearTimeout(timer);
        reject(signal!.reason);
      }
    }),
};

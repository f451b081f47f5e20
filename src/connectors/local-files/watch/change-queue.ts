import { Alarm } from "../../../kernel/alarm.ts";
import type { Clock } from "../../../kernel/clock.ts";

/** So long must nothing have happened to a file before it is told of. */
const restMs = 20;
/** One that is written to all the time is told of this long after it was touched first. */
const longestMs = 200;

interface Waiting {
  readonly since: number;
  last: number;
}

/** Files that may have changed, each once, until it has come to rest and somebody takes it. */
export class ChangeQueue {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #waiting = new Map<string, Waiting>();
  #failure: { readonly reason: unknown } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#alarm = new Alarm(clock);
  }

  touch(path: string): void {
    const now = this.#clock.monotonic();
    const waiting = this.#waiting.get(path);
    if (waiting) waiting.last = now;
    else if (this.#waiting.set(path, { since: now, last: now }).size === 1) this.#alarm.ring();
  }

  /** Makes `take` throw. */
  fail(reason: unknown): void {
    this.#failure = { reason };
    this.#alarm.ring();
  }

  /** Waits for files that have come to rest, and takes them out. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<readonly string[]> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#failure !== null) throw this.#failure.reason;
      const { paths, waitMs } = this.#takeRested();
      if (paths.length > 0) return paths;
      await this.#alarm.wait(waitMs, signal);
    }
  }

  /** Those that have come to rest, else how long that will take for the first of the others. */
  #takeRested(): { readonly paths: readonly string[]; readonly waitMs: number | null } {
    const now = this.#clock.monotonic();
    const paths: string[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [path, { since, last }] of this.#waiting) {
      const restsAt = Math.min(last + restMs, since + longestMs);
      if (restsAt > now) next = Math.min(next, restsAt);
      else {
        this.#waiting.delete(path);
        paths.push(path);
      }
    }
    return { paths, waitMs: next === Number.POSITIVE_INFINITY ? null : next - now };
  }
}

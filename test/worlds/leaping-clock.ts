import type { Clock } from "../../src/kernel/clock.ts";

interface Sleeper {
  readonly due: number;
  wake(): void;
}

/** How many turns must pass in which nobody asks the clock for anything. */
const quietTurns = 10;

/** A clock that stands still while anything can run, and then leaps to the end of the shortest wait. */
export class LeapingClock implements Clock {
  #time: number;
  #sleepers: Sleeper[] = [];
  #leaping = false;
  #quiet = 0;

  constructor(startsAt = Date.parse("2026-11-20T12:00:00Z")) {
    this.#time = startsAt;
  }

  now(): number {
    return this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  /** Sets the time forward, whoever waits. */
  pass(ms: number): void {
    this.#time += ms;
  }

  async idle(): Promise<void> {
    this.#quiet = 0;
    await nextTurn();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.#quiet = 0;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal!.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const sleeper = { due: this.#time + ms, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
      if (!this.#leaping) void this.#leapOnceQuiet();
    });
  }

  async #leapOnceQuiet(): Promise<void> {
    this.#leaping = true;
    while (this.#sleepers.length > 0) {
      await nextTurn();
      if (++this.#quiet < quietTurns) continue;
      this.#quiet = 0;
      this.#leap();
    }
    this.#leaping = false;
  }

  #leap(): void {
    this.#time = Math.max(this.#time, Math.min(...this.#sleepers.map(({ due }) => due)));
    const awake = this.#sleepers.filter(({ due }) => due <= this.#time);
    this.#sleepers = this.#sleepers.filter(({ due }) => due > this.#time);
    for (const { wake } of awake) wake();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

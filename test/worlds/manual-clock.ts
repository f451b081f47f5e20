import type { Clock } from "../../src/kernel/clock.ts";

interface Sleeper {
  readonly due: number;
  wake(): void;
}

/** How many turns whoever is woken has to do what it can do at once. */
const quietTurns = 25;

/** A clock that moves only when a test says so. */
export class ManualClock implements Clock {
  #time: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(startsAt = Date.parse("2026-11-20T12:00:00Z")) {
    this.#time = startsAt;
  }

  /** How many waits are under way. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  /** How long until the first of them ends; infinite where there is none. */
  get nextMs(): number {
    return Math.min(...[...this.#sleepers].map(({ due }) => due)) - this.#time;
  }

  now(): number {
    return this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  idle(): Promise<void> {
    return nextTurn();
  }

  /** Lets so much time pass: whose wait ends meanwhile is woken at that time, one moment after the other. */
  async pass(ms: number): Promise<void> {
    const end = this.#time + ms;
    await this.rest();
    while (this.#time + this.nextMs <= end) {
      this.#time += Math.max(0, this.nextMs);
      for (const sleeper of [...this.#sleepers]) if (sleeper.due <= this.#time) sleeper.wake();
      await this.rest();
    }
    this.#time = end;
    await this.rest();
  }

  /** The time is another at once, as after a process stood still; whose wait is over wakes when time passes next. */
  leap(ms: number): void {
    this.#time += ms;
  }

  /** Lets everything run that needs no time. */
  async rest(): Promise<void> {
    for (let turn = 0; turn < quietTurns; turn++) await nextTurn();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#sleepers.delete(sleeper);
        reject(signal!.reason);
      };
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const sleeper = { due: this.#time + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

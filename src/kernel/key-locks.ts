import { type Deferred, deferred } from "./deferred.ts";

/**
 * Locks by name. Whoever holds several takes them in the order of their names, so that no two can wait for each
 * other.
 */
export class KeyLocks {
  readonly #held = new Map<string, Deferred<void>>();

  /** Does the work while it holds all of these, each named once. Work that waits is not begun once the signal aborts. */
  async holding<T>(names: readonly string[], signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const taken: string[] = [];
    try {
      for (const name of [...names].sort()) {
        await this.#take(name, signal);
        taken.push(name);
      }
      return await work();
    } finally {
      for (const name of taken) this.#release(name);
    }
  }

  async #take(name: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const held = this.#held.get(name);
      if (!held) break;
      await held.promise;
      signal.throwIfAborted();
    }
    this.#held.set(name, deferred());
  }

  #release(name: string): void {
    const held = this.#held.get(name)!;
    this.#held.delete(name);
    held.resolve();
  }
}

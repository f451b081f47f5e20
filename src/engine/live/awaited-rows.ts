import { type Deferred, deferred } from "../../kernel/deferred.ts";

/** Rows that somebody waits for, by name: each until an attempt at it is over that began after it was asked for. */
export class AwaitedRows {
  readonly #asked = new Map<string, Deferred<void>>();
  readonly #begun = new Map<string, readonly Deferred<void>[]>();

  ask(name: string): Promise<void> {
    const asked = this.#asked.get(name) ?? deferred<void>();
    this.#asked.set(name, asked);
    return asked.promise;
  }

  begin(name: string): void {
    const asked = this.#asked.get(name);
    if (!asked) return;
    this.#asked.delete(name);
    this.#begun.set(name, [...(this.#begun.get(name) ?? []), asked]);
  }

  end(name: string): void {
    for (const asked of this.#begun.get(name) ?? []) asked.resolve();
    this.#begun.delete(name);
  }
}

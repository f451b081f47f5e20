import type { Fingerprint } from "../values/index.ts";

/**
 * The memos of rows in flight. Such a row has asked for a result, or stored one, and refers to it only once it has
 * landed: until then nothing in the store says that the result is of use.
 */
export class MemosInUse {
  readonly #rows = new Set<ReadonlySet<Fingerprint>>();

  /** Does work on a row whose memos are put into `memos`, each before it is asked for. */
  async during<T>(memos: ReadonlySet<Fingerprint>, work: () => Promise<T>): Promise<T> {
    this.#rows.add(memos);
    try {
      return await work();
    } finally {
      this.#rows.delete(memos);
    }
  }

  /** All of them, as of now. */
  now(): ReadonlySet<Fingerprint> {
    const all = new Set<Fingerprint>();
    for (const memos of this.#rows) for (const memo of memos) all.add(memo);
    return all;
  }
}

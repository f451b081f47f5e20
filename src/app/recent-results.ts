import type { MemoWrite } from "../contracts/state-store.ts";
import type { Fingerprint } from "../values/index.ts";

/** How many results are kept: a thousand vectors of 1,536 numbers take 6 MB. */
const capacity = 1000;

/** The latest results of cached functions that no store keeps, in the memory of this process. */
export class RecentResults {
  readonly #results = new Map<Fingerprint, Uint8Array>();

  get(fingerprint: Fingerprint): Uint8Array | null {
    return this.#results.get(fingerprint) ?? null;
  }

  keep({ fingerprint, result }: MemoWrite): void {
    this.#results.delete(fingerprint);
    this.#results.set(fingerprint, result);
    const [oldest] = this.#results.keys();
    if (this.#results.size > capacity) this.#results.delete(oldest!);
  }
}

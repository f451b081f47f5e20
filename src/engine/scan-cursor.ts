import type { Scan, ScanPage } from "../contracts/state-store.ts";
import { isPromise, type MaybePromise } from "../kernel/maybe-promise.ts";

/** A scan of version records, one row at a time, without an object a row. */
export class ScanCursor {
  readonly #scan: Scan;
  #page: ScanPage | null = null;
  #index = 0;
  #ended = false;

  constructor(scan: Scan) {
    this.#scan = scan;
  }

  /** Goes to the next row; resolves to false at the end. */
  advance(): MaybePromise<boolean> {
    if (this.#ended) return false;
    if (this.#page !== null && ++this.#index < this.#page.count) return true;
    const page = this.#scan.nextPage();
    return isPromise(page) ? page.then((resolved) => this.#take(resolved)) : this.#take(page);
  }

  get bytes(): Uint8Array {
    return this.#page!.bytes;
  }

  get keyStart(): number {
    return this.#index === 0 ? 0 : this.#page!.ends[2 * this.#index - 1]!;
  }

  get keyEnd(): number {
    return this.#page!.ends[2 * this.#index]!;
  }

  /** The version record lies between `keyEnd` and here. */
  get recordEnd(): number {
    return this.#page!.ends[2 * this.#index + 1]!;
  }

  /** Compares the row's key with another. */
  compareKey(key: Uint8Array): number {
    const { bytes, keyStart, keyEnd } = this;
    const length = Math.min(keyEnd - keyStart, key.length);
    for (let i = 0; i < length; i++) {
      const difference = bytes[keyStart + i]! - key[i]!;
      if (difference !== 0) return difference;
    }
    return keyEnd - keyStart - key.length;
  }

  /** A copy of the row's key, which outlives the page. */
  copyKey(): Uint8Array {
    return this.bytes.slice(this.keyStart, this.keyEnd);
  }

  copyRecord(): Uint8Array {
    return this.bytes.slice(this.keyEnd, this.recordEnd);
  }

  close(): void {
    this.#scan.close();
  }

  #take(page: ScanPage | null): MaybePromise<boolean> {
    this.#page = page;
    this.#index = 0;
    this.#ended = page === null;
    if (page !== null && page.count === 0) return this.advance();
    return page !== null;
  }
}

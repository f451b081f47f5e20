import { DigestTable } from "./digest-table.ts";

/** A set of byte strings that keeps 16 bytes of digest for each and at most 24 bytes of memory. */
export class KeySet {
  readonly #digest: (key: Uint8Array) => Uint8Array;
  readonly #digests = new DigestTable(0);

  /** `digest` yields at least 16 evenly spread bytes. */
  constructor(digest: (key: Uint8Array) => Uint8Array) {
    this.#digest = digest;
  }

  get size(): number {
    return this.#digests.size;
  }

  /** What the keys take up. */
  get allocatedBytes(): number {
    return this.#digests.allocatedBytes;
  }

  has(key: Uint8Array): boolean {
    return this.#digests.has(this.#digest(key));
  }

  /** False when it was there already. */
  add(key: Uint8Array): boolean {
    return this.#digests.add(this.#digest(key));
  }
}

/** What is kept of a digest, in bytes. */
export const digestBytes = 16;

/** Numbers digests in the order in which they come, all in one buffer and a table of open addresses. */
export class TextIndex {
  #digests: Buffer;
  #size: number;
  #table: Int32Array;

  /** Takes digests that were numbered before. */
  constructor(digests: Buffer) {
    this.#digests = digests;
    this.#size = digests.length / digestBytes;
    this.#table = this.#makeTable();
  }

  get size(): number {
    return this.#size;
  }

  /** All digests, in the order of their numbers. */
  get digests(): Buffer {
    return this.#digests.subarray(0, this.#size * digestBytes);
  }

  /** The number of a digest; that of a new one is what `size` was before. */
  numberOf(digest: Buffer): number {
    const slot = this.#slotOf(digest);
    if (this.#table[slot]! >= 0) return this.#table[slot]!;
    const number = this.#size++;
    if (this.#digests.length < this.#size * digestBytes)
      this.#digests = Buffer.concat([this.#digests], Math.max(4_096, this.#digests.length * 2));
    digest.copy(this.#digests, number * digestBytes, 0, digestBytes);
    if (this.#size * 2 > this.#table.length) this.#table = this.#makeTable();
    else this.#table[slot] = number;
    return number;
  }

  #slotOf(digest: Buffer, at = 0): number {
    const mask = this.#table.length - 1;
    for (let slot = digest.readInt32LE(at) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#table[slot]! * digestBytes;
      if (
        number < 0 ||
        digest.compare(this.#digests, number, number + digestBytes, at, at + digestBytes) === 0
      )
        return slot;
    }
  }

  #makeTable(): Int32Array {
    const table = new Int32Array(2 ** Math.ceil(Math.log2(this.#size * 3 + 1_024))).fill(-1);
    const mask = table.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let slot = this.#digests.readInt32LE(number * digestBytes) & mask;
      while (table[slot]! >= 0) slot = (slot + 1) & mask;
      table[slot] = number;
    }
    return table;
  }
}

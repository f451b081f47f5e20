/**
 * Keeps a few bytes for each of many 16-byte digests, in at most half as much memory again as they take: open
 * addressing in 256 parts that grow on their own, so that growing never holds two copies of the whole.
 */
export class DigestTable {
  readonly #parts: readonly Part[];
  #size = 0;

  /** How many bytes are kept beside each digest. */
  constructor(payloadWidth: number) {
    this.#parts = Array.from({ length: 256 }, () => new Part(payloadWidth));
  }

  get size(): number {
    return this.#size;
  }

  /** What the digests and their bytes take up. */
  get allocatedBytes(): number {
    return this.#parts.reduce((total, part) => total + part.allocatedBytes, 0);
  }

  has(digest: Uint8Array): boolean {
    return this.#partOf(digest).has(digest);
  }

  /** The bytes kept beside a digest, to be read and written until the next `add`; null when it is not there. */
  get(digest: Uint8Array): Uint8Array | null {
    return this.#partOf(digest).get(digest);
  }

  /** Makes a place for a digest, its bytes zero. False when it was there already. */
  add(digest: Uint8Array): boolean {
    const added = this.#partOf(digest).add(digest);
    if (added) this.#size++;
    return added;
  }

  /** The bytes kept beside each digest, to be read and written until the next `add`. */
  *payloads(): Generator<Uint8Array> {
    for (const part of this.#parts) yield* part.payloads();
  }

  #partOf(digest: Uint8Array): Part {
    return this.#parts[digest[0]!]!;
  }
}

const digestWidth = 16;
/** Full at five sixths: 1.2 times what is kept, and at most 1.5 times right after growing by a quarter. */
const fullAt = 5 / 6;
const growth = 1.25;

/** An all-zero digest marks a free place; one that really is there is kept apart. */
class Part {
  readonly #width: number;
  #places = 8;
  #bytes: Uint8Array;
  #count = 0;
  #zero: Uint8Array | null = null;

  constructor(payloadWidth: number) {
    this.#width = digestWidth + payloadWidth;
    this.#bytes = new Uint8Array(this.#places * this.#width);
  }

  get allocatedBytes(): number {
    return this.#bytes.length;
  }

  has(digest: Uint8Array): boolean {
    return isZero(digest, 0) ? this.#zero !== null : this.#find(digest, 0).found;
  }

  get(digest: Uint8Array): Uint8Array | null {
    if (isZero(digest, 0)) return this.#zero;
    const { found, at } = this.#find(digest, 0);
    return found ? this.#payloadAt(at) : null;
  }

  add(digest: Uint8Array): boolean {
    if (isZero(digest, 0)) {
      const added = this.#zero === null;
      this.#zero ??= new Uint8Array(this.#width - digestWidth);
      return added;
    }
    const { found, at } = this.#find(digest, 0);
    if (found) return false;
    this.#bytes.set(digest.subarray(0, digestWidth), at);
    this.#count++;
    if (this.#count > this.#places * fullAt) this.#grow();
    return true;
  }

  *payloads(): Generator<Uint8Array> {
    if (this.#zero) yield this.#zero;
    for (let at = 0; at < this.#bytes.length; at += this.#width)
      if (!isZero(this.#bytes, at)) yield this.#payloadAt(at);
  }

  #payloadAt(at: number): Uint8Array {
    return this.#bytes.subarray(at + digestWidth, at + this.#width);
  }

  #find(source: Uint8Array, from: number): { found: boolean; at: number } {
    const hash =
      source[from + 1]! |
      (source[from + 2]! << 8) |
      (source[from + 3]! << 16) |
      ((source[from + 4]! & 0x7f) << 24);
    for (let place = hash % this.#places; ; place = (place + 1) % this.#places) {
      const at = place * this.#width;
      if (isZero(this.#bytes, at)) return { found: false, at };
      if (same(this.#bytes, at, source, from)) return { found: true, at };
    }
  }

  #grow(): void {
    const old = this.#bytes;
    this.#places = Math.ceil(this.#places * growth);
    this.#bytes = new Uint8Array(this.#places * this.#width);
    for (let from = 0; from < old.length; from += this.#width) {
      if (isZero(old, from)) continue;
      this.#bytes.set(old.subarray(from, from + this.#width), this.#find(old, from).at);
    }
  }
}

function isZero(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + digestWidth; i++) if (bytes[i] !== 0) return false;
  return true;
}

function same(a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number): boolean {
  for (let i = 0; i < digestWidth; i++) if (a[aFrom + i] !== b[bFrom + i]) return false;
  return true;
}

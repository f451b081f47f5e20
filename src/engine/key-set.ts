/**
 * A set of byte strings that keeps 16 bytes of digest for each and at most 24 bytes of memory: open addressing
 * in 256 parts that grow on their own, so that growing never holds two copies of the whole.
 */
export class KeySet {
  readonly #digest: (key: Uint8Array) => Uint8Array;
  readonly #parts: Part[] = Array.from({ length: 256 }, () => new Part());
  #size = 0;

  /** `digest` yields at least 16 evenly spread bytes. */
  constructor(digest: (key: Uint8Array) => Uint8Array) {
    this.#digest = digest;
  }

  get size(): number {
    return this.#size;
  }

  /** What the keys take up. */
  get allocatedBytes(): number {
    return this.#parts.reduce((total, part) => total + part.allocatedBytes, 0);
  }

  has(key: Uint8Array): boolean {
    const digest = this.#digest(key);
    return this.#parts[digest[0]!]!.has(digest);
  }

  /** False when it was there already. */
  add(key: Uint8Array): boolean {
    const digest = this.#digest(key);
    const added = this.#parts[digest[0]!]!.add(digest);
    if (added) this.#size++;
    return added;
  }
}

const width = 16;
/** Full at five sixths: 16 bytes / (5/6) = 19.2 bytes a key, and at most 24 right after growing by a quarter. */
const fullAt = 5 / 6;
const growth = 1.25;

/** An all-zero digest marks a free place; a key that really has it is kept apart. */
class Part {
  #places = 8;
  #bytes = new Uint8Array(8 * width);
  #count = 0;
  #hasZero = false;

  get allocatedBytes(): number {
    return this.#bytes.length;
  }

  has(digest: Uint8Array): boolean {
    return isZero(digest, 0) ? this.#hasZero : this.#find(digest, 0).found;
  }

  add(digest: Uint8Array): boolean {
    if (isZero(digest, 0)) {
      const added = !this.#hasZero;
      this.#hasZero = true;
      return added;
    }
    const { found, at } = this.#find(digest, 0);
    if (found) return false;
    this.#bytes.set(digest.subarray(0, width), at);
    this.#count++;
    if (this.#count > this.#places * fullAt) this.#grow();
    return true;
  }

  #find(source: Uint8Array, from: number): { found: boolean; at: number } {
    const hash =
      source[from + 1]! |
      (source[from + 2]! << 8) |
      (source[from + 3]! << 16) |
      ((source[from + 4]! & 0x7f) << 24);
    for (let place = hash % this.#places; ; place = (place + 1) % this.#places) {
      const at = place * width;
      if (isZero(this.#bytes, at)) return { found: false, at };
      if (same(this.#bytes, at, source, from)) return { found: true, at };
    }
  }

  #grow(): void {
    const old = this.#bytes;
    this.#places = Math.ceil(this.#places * growth);
    this.#bytes = new Uint8Array(this.#places * width);
    for (let from = 0; from < old.length; from += width) {
      if (isZero(old, from)) continue;
      this.#bytes.set(old.subarray(from, from + width), this.#find(old, from).at);
    }
  }
}

function isZero(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + width; i++) if (bytes[i] !== 0) return false;
  return true;
}

function same(a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number): boolean {
  for (let i = 0; i < width; i++) if (a[aFrom + i] !== b[bFrom + i]) return false;
  return true;
}

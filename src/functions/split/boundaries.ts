/**
 * What a cut costs where it separates what belongs together, in sixteenths of what one chunk more costs. Headings
 * take 0 to 5, and what is nested takes more the deeper it is.
 */
export const cutCosts = {
  block: 16,
  /** A line that ends a sentence, or stands for itself. */
  line: 36,
  sentence: 40,
  /** A line break within a sentence. */
  wrappedLine: 72,
  /** A line of code of which no more is known. */
  plainLine: 56,
  clause: 66,
  word: 80,
  character: 200,
} as const;

/**
 * Places where a text may be cut, in ascending order, with what each costs. Kept in typed arrays, since a large text
 * has a million of them. Never between the halves of a code point, nor between `\r` and `\n`.
 */
export class Boundaries {
  readonly text: string;
  #indexes = new Int32Array(64);
  #costs = new Uint8Array(64);
  #size = 0;

  constructor(text: string) {
    this.text = text;
  }

  get size(): number {
    return this.#size;
  }

  index(at: number): number {
    return this.#indexes[at]!;
  }

  cost(at: number): number {
    return this.#costs[at]!;
  }

  /** Adds one that does not stand before the last; of two at one place the cheaper counts. */
  add(index: number, cost: number): void {
    if (index <= 0 || index >= this.text.length || isInsideUnit(this.text, index)) return;
    const last = this.#size - 1;
    if (last >= 0 && this.#indexes[last] === index) {
      if (cost < this.#costs[last]!) this.#costs[last] = cost;
      return;
    }
    if (this.#size === this.#indexes.length) this.#grow();
    this.#indexes[this.#size] = index;
    this.#costs[this.#size++] = cost;
  }

  #grow(): void {
    const indexes = new Int32Array(this.#size * 2);
    const costs = new Uint8Array(this.#size * 2);
    indexes.set(this.#indexes);
    costs.set(this.#costs);
    this.#indexes = indexes;
    this.#costs = costs;
  }
}

/** Whether a cut would part a surrogate pair or a `\r\n`. */
function isInsideUnit(text: string, index: number): boolean {
  const after = text.charCodeAt(index);
  if (after === 10) return text.charCodeAt(index - 1) === 13;
  return after >= 0xdc00 && after <= 0xdfff && isHighSurrogate(text.charCodeAt(index - 1));
}

export function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

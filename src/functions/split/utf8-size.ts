import { isHighSurrogate } from "./boundaries.ts";

/**
 * How many bytes parts of a text take in UTF-8. A surrogate that stands alone takes three, as its replacement character
 * does. Parts begin and end between code points.
 */
export class Utf8Sizes {
  readonly #text: string;
  readonly isAscii: boolean;

  constructor(text: string) {
    this.#text = text;
    this.isAscii = Buffer.byteLength(text) === text.length;
  }

  of(from: number, to: number): number {
    if (this.isAscii) return to - from;
    let size = 0;
    for (let at = from; at < to; at++) {
      const code = this.#text.charCodeAt(at);
      if (code < 0x80) size += 1;
      else if (code < 0x800) size += 2;
      else if (isHighSurrogate(code) && isLowSurrogate(this.#text.charCodeAt(at + 1))) {
        size += 4;
        at++;
      } else size += 3;
    }
    return size;
  }

  /** Whether the part takes more than the limit; most parts need not be walked for that. */
  exceeds(from: number, to: number, limit: number): boolean {
    const units = to - from;
    if (units > limit) return true;
    return !this.isAscii && units * 3 > limit && this.of(from, to) > limit;
  }

  /** Whether it may take more, told from its length alone. */
  mayExceed(from: number, to: number, limit: number): boolean {
    return (to - from) * (this.isAscii ? 1 : 3) > limit;
  }
}

export function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

import { isHighSurrogate } from "./boundaries.ts";
import type { Chunk, ChunkPosition } from "./chunk.ts";
import { isLowSurrogate, Utf8Sizes } from "./utf8-size.ts";

/** A part of a text by indexes. */
export interface TextPart {
  readonly from: number;
  readonly to: number;
}

/** The parts as chunks. Neither beginnings nor ends may go back, so that each is found by walking the text once. */
export function placeChunks(
  text: string,
  parts: readonly TextPart[],
  sizes: Utf8Sizes = new Utf8Sizes(text),
): Chunk[] {
  const starts = new PositionWalk(text, sizes);
  const ends = new PositionWalk(text, sizes);
  return parts.map(({ from, to }) => {
    const start = starts.at(from);
    const end = ends.at(to);
    return { location: [start.offset, end.offset], text: text.slice(from, to), start, end };
  });
}

/** Offset, line and column of indexes that do not go back. */
class PositionWalk {
  readonly #text: string;
  readonly #sizes: Utf8Sizes;
  #index = 0;
  #offset = 0;
  #line = 1;
  #column = 1;
  /** Kept, since looking for one that is far away takes long. */
  #nextBreak: number;

  constructor(text: string, sizes: Utf8Sizes) {
    this.#text = text;
    this.#sizes = sizes;
    this.#nextBreak = text.indexOf("\n");
  }

  at(index: number): ChunkPosition {
    this.#offset += this.#sizes.of(this.#index, index);
    let lineStart = this.#index;
    while (this.#nextBreak >= 0 && this.#nextBreak < index) {
      this.#line++;
      this.#column = 1;
      lineStart = this.#nextBreak + 1;
      this.#nextBreak = this.#text.indexOf("\n", lineStart);
    }
    this.#column += this.#sizes.isAscii ? index - lineStart : codePoints(this.#text, lineStart, index);
    this.#index = index;
    return { offset: this.#offset, line: this.#line, column: this.#column };
  }
}

function codePoints(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    if (isHighSurrogate(text.charCodeAt(at)) && isLowSurrogate(text.charCodeAt(at + 1))) at++;
    count++;
  }
  return count;
}

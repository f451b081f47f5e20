import { z } from "zod";
import { range, table } from "../../values/index.ts";

const position = z.object({ offset: z.int(), line: z.int(), column: z.int() });

/** Chunks of a text, known by their location. */
export const chunkTable = table(
  z.object({ location: range(), text: z.string(), start: position, end: position }),
  { key: ["location"] },
);

/** A place in a text. */
export interface ChunkPosition {
  /** The bytes of UTF-8 before it. */
  readonly offset: number;
  /** From 1. A line ends behind `\n`. */
  readonly line: number;
  /** From 1, in code points. */
  readonly column: number;
}

/** A part of a text. */
export interface Chunk {
  /** Its offsets: the bytes of UTF-8 before its start and before its end. */
  readonly location: [number, number];
  readonly text: string;
  readonly start: ChunkPosition;
  /** Behind its last character. */
  readonly end: ChunkPosition;
}

import { SluiceError } from "../../errors/index.ts";
import type { Boundaries } from "./boundaries.ts";
import { type Cuts, chooseCuts } from "./choose-cuts.ts";
import type { Chunk } from "./chunk.ts";
import { placeChunks, type TextPart } from "./place-chunks.ts";
import { refine, type TextKind } from "./refine.ts";
import { Utf8Sizes } from "./utf8-size.ts";

/** How large chunks are, in bytes of UTF-8. */
export interface ChunkSizes {
  readonly chunkSize: number;
  /** Null for half of what a chunk holds beside its overlap. */
  readonly minChunkSize: number | null;
  readonly chunkOverlap: number;
}

/** Finds the places of a text that are known to be good for cutting. */
export type FindBoundaries = (
  text: string,
  wanted: { readonly sizes: Utf8Sizes; readonly wantedBytes: number },
) => { readonly boundaries: Boundaries; readonly kind: TextKind };

/**
 * Splits a text into chunks. What is smaller than the wanted size is never looked into: the difference between the
 * largest and the smallest chunk, so that a small part can always be joined with a piece of its neighbour, and no
 * more than the overlap, so that there is something to begin it at.
 *
 * @throws SluiceError `option-invalid` for sizes that contradict each other
 */
export function splitText(text: string, options: ChunkSizes, find: FindBoundaries): Chunk[] {
  const { maxBytes, minBytes, overlapBytes } = limitsOf(options);
  if (text === "") return [];
  const sizes = new Utf8Sizes(text);
  if (!sizes.exceeds(0, text.length, maxBytes))
    return placeChunks(text, [{ from: 0, to: text.length }], sizes);
  const joinable = Math.max(1, maxBytes - minBytes);
  const wantedBytes = overlapBytes === 0 ? joinable : Math.min(joinable, overlapBytes);
  const { boundaries, kind } = find(text, { sizes, wantedBytes });
  const refined = refine(boundaries, kind, { sizes, wantedBytes, maxBytes });
  const cuts = chooseCuts(refined, sizes, { maxBytes, minBytes });
  return placeChunks(text, chunkParts(cuts, refined, options), sizes);
}

function limitsOf({ chunkSize, minChunkSize, chunkOverlap }: ChunkSizes): {
  readonly maxBytes: number;
  readonly minBytes: number;
  readonly overlapBytes: number;
} {
  if (chunkOverlap >= chunkSize) {
    throw optionInvalid(`chunkOverlap ${chunkOverlap} is not below chunkSize ${chunkSize}`);
  }
  const maxBytes = chunkSize - chunkOverlap;
  if (minChunkSize !== null && minChunkSize > maxBytes) {
    throw optionInvalid(
      `minChunkSize ${minChunkSize} is above ${maxBytes}, which is what chunkSize leaves beside chunkOverlap`,
    );
  }
  return { maxBytes, minBytes: minChunkSize ?? Math.floor(maxBytes / 2), overlapBytes: chunkOverlap };
}

function optionInvalid(problem: string): SluiceError {
  return new SluiceError("option-invalid", `splitRecursively: ${problem}`);
}

function chunkParts(
  { places, offsets, chosen }: Cuts,
  boundaries: Boundaries,
  { chunkSize, chunkOverlap: overlapBytes }: ChunkSizes,
): TextPart[] {
  const parts: TextPart[] = [];
  for (let chunk = 0; chunk + 1 < chosen.length; chunk++) {
    const begin = chosen[chunk]!;
    const first = chunk === 0 ? 0 : chosen[chunk - 1]!;
    const end = chosen[chunk + 1]!;
    const room = Math.min(overlapBytes, chunkSize - (offsets[end]! - offsets[begin]!));
    const from = room <= 0 ? begin : overlapStart(offsets, boundaries, { begin, first, overlapBytes: room });
    parts.push({ from: places[from]!, to: places[end]! });
  }
  return parts;
}

interface Overlap {
  /** Which place the chunk would begin at without overlap. */
  readonly begin: number;
  /** Where the chunk before begins, which is not gone beyond. */
  readonly first: number;
  readonly overlapBytes: number;
}

/** The cheapest place within the further half of the overlap, else within the nearer half; else there is no overlap. */
function overlapStart(offsets: Float64Array, boundaries: Boundaries, overlap: Overlap): number {
  const { begin, first, overlapBytes } = overlap;
  let best = begin;
  for (let at = begin - 1; at >= first; at--) {
    const distance = offsets[begin]! - offsets[at]!;
    if (distance > overlapBytes) break;
    const isNear = distance * 2 < overlapBytes;
    const wasNear = (offsets[begin]! - offsets[best]!) * 2 < overlapBytes;
    const isBetter = best === begin || costAt(boundaries, at) <= costAt(boundaries, best);
    if (isBetter || (wasNear && !isNear)) best = at;
  }
  return best;
}

function costAt(boundaries: Boundaries, place: number): number {
  return place === 0 ? 0 : boundaries.cost(place - 1);
}

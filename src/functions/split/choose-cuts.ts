import type { Boundaries } from "./boundaries.ts";
import type { Utf8Sizes } from "./utf8-size.ts";

/** Where the text is cut, and what is there to be cut at, with the text's beginning and end among both. */
export interface Cuts {
  /** Indexes into the text, ascending. */
  readonly places: Int32Array;
  /** The bytes before each place. */
  readonly offsets: Float64Array;
  /** Which places the chunks begin at, ascending; the last is the end of the text. */
  readonly chosen: readonly number[];
}

export interface CutLimits {
  readonly maxBytes: number;
  readonly minBytes: number;
}

const chunkCost = 16;
const smallChunkCost = 32;

/**
 * Chooses among the boundaries those that cost least together: each chunk costs {@link chunkCost}, which makes few of
 * them, each cut what its boundary costs, which keeps together what belongs together, and a chunk below the minimum
 * {@link smallChunkCost}. No chunk exceeds the maximum unless there is no boundary in it.
 *
 * This is the shortest path over the boundaries, exact rather than greedy, so that a chunk is cut early where that
 * spares a bad cut later. With costs that depend on the two ends only, apart from the one step at the minimum, the
 * best continuation is the minimum of a sliding window, which a monotone queue keeps (Lemire, "Streaming
 * maximum-minimum filter", 2006): time and memory are linear in the number of boundaries, whatever the sizes. It is
 * worked out from the end, and of equal continuations the longest chunk is taken: what stands before a place
 * has no say in what follows it, so that after an edit the cuts meet those from before again.
 */
export function chooseCuts(boundaries: Boundaries, sizes: Utf8Sizes, limits: CutLimits): Cuts {
  const { places, offsets } = measure(boundaries, sizes);
  const next = continuations(boundaries, offsets, limits);
  const chosen = [0];
  for (let at = 0; at < places.length - 1; at = chosen.at(-1)!) chosen.push(next[at]!);
  return { places, offsets, chosen };
}

function measure(boundaries: Boundaries, sizes: Utf8Sizes): Pick<Cuts, "places" | "offsets"> {
  const last = boundaries.size + 1;
  const places = new Int32Array(last + 1);
  const offsets = new Float64Array(last + 1);
  for (let at = 1; at <= last; at++) {
    places[at] = at === last ? boundaries.text.length : boundaries.index(at - 1);
    offsets[at] = offsets[at - 1]! + sizes.of(places[at - 1]!, places[at]!);
  }
  return { places, offsets };
}

/** For each place where the chunk that begins there ends. */
function continuations(
  boundaries: Boundaries,
  offsets: Float64Array,
  { maxBytes, minBytes }: CutLimits,
): Int32Array {
  const last = offsets.length - 1;
  const next = new Int32Array(last + 1);
  /** What it costs to cut at a place and go on from there. */
  const costs = new Float64Array(last + 1);
  const small = new Window(costs);
  const full = new Window(costs);
  let firstFull = last + 1;
  for (let at = last - 1; at >= 0; at--) {
    small.enter(at + 1);
    while (firstFull - 1 > at && offsets[firstFull - 1]! - offsets[at]! >= minBytes) full.enter(--firstFull);
    small.leave(firstFull);
    while (!full.isEmpty && offsets[full.best]! - offsets[at]! > maxBytes) full.leave(full.best);
    const end = cheaper(small, full, costs) ?? at + 1;
    next[at] = end;
    const isSmall = offsets[end]! - offsets[at]! < minBytes;
    const own = at === 0 ? 0 : boundaries.cost(at - 1);
    costs[at] = costs[end]! + chunkCost + (isSmall ? smallChunkCost : 0) + own;
  }
  return next;
}

function cheaper(small: Window, full: Window, costs: Float64Array): number | null {
  if (small.isEmpty) return full.isEmpty ? null : full.best;
  if (full.isEmpty) return small.best;
  return costs[full.best]! <= costs[small.best]! + smallChunkCost ? full.best : small.best;
}

/** The cheapest of a range of places that moves down; of equally cheap ones the furthest. */
class Window {
  readonly #costs: Float64Array;
  readonly #queue: Int32Array;
  #head = 0;
  #tail = 0;

  constructor(costs: Float64Array) {
    this.#costs = costs;
    this.#queue = new Int32Array(costs.length);
  }

  get isEmpty(): boolean {
    return this.#head === this.#tail;
  }

  get best(): number {
    return this.#queue[this.#head]!;
  }

  /** Takes in a place below all others, and forgets those that it will outlast and that are no cheaper. */
  enter(place: number): void {
    const cost = this.#costs[place]!;
    while (!this.isEmpty && this.#costs[this.#queue[this.#tail - 1]!]! > cost) this.#tail--;
    this.#queue[this.#tail++] = place;
  }

  /** Gives up all places from this one on. */
  leave(from: number): void {
    while (!this.isEmpty && this.best >= from) this.#head++;
  }
}

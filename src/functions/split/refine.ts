import { Boundaries, cutCosts, isHighSurrogate } from "./boundaries.ts";
import { type Emit, scanClauses, scanLines, scanSentences, scanWords } from "./scan-text.ts";
import type { Utf8Sizes } from "./utf8-size.ts";

/** How fine the boundaries must be. */
export interface Fineness {
  /** Parts of more bytes are parted into lines, sentences and words. */
  readonly wantedBytes: number;
  /** Parts of more bytes are parted wherever it is possible. */
  readonly maxBytes: number;
}

/** What the finer boundaries are looked for in. */
export type TextKind = "prose" | "code";

/**
 * Adds finer boundaries where those that are known lie too far apart: lines, then sentences (of prose) or clauses (of
 * code), then words, and at last any place between code points, not within a grapheme where that can be helped. What
 * is small enough is not looked at, and each step is one pass.
 */
export function refine(known: Boundaries, kind: TextKind, { sizes, ...fineness }: Refinement): Boundaries {
  const { wantedBytes, maxBytes } = fineness;
  let boundaries = known;
  for (const step of [...steps[kind], words]) boundaries = refineBy(boundaries, step, sizes, wantedBytes);
  const characters: Step = {
    softAbove: cutCosts.character,
    scan: (text, from, to, emit) => scanCharacters(text, { from, to }, { sizes, maxBytes }, emit),
  };
  return refineBy(boundaries, characters, sizes, maxBytes);
}

export interface Refinement extends Fineness {
  readonly sizes: Utf8Sizes;
}

interface Step {
  /** Boundaries that cost more do not end a part. */
  readonly softAbove: number;
  scan(text: string, from: number, to: number, emit: Emit): void;
}

const steps: Readonly<Record<TextKind, readonly Step[]>> = {
  prose: [
    { softAbove: cutCosts.wrappedLine, scan: scanLines(cutCosts.wrappedLine) },
    { softAbove: cutCosts.sentence, scan: scanSentences },
  ],
  code: [
    { softAbove: cutCosts.plainLine, scan: scanLines(cutCosts.plainLine) },
    { softAbove: cutCosts.clause, scan: scanClauses },
  ],
};
const words: Step = { softAbove: cutCosts.word, scan: scanWords };

function refineBy(known: Boundaries, step: Step, sizes: Utf8Sizes, limit: number): Boundaries {
  const { text } = known;
  const refined = new Boundaries(text);
  let taken = 0;
  const takeUntil = (index: number): void => {
    for (; taken < known.size && known.index(taken) <= index; taken++) {
      refined.add(known.index(taken), known.cost(taken));
    }
  };
  const emit: Emit = (index, cost) => {
    takeUntil(index);
    refined.add(index, cost);
  };
  let from = 0;
  for (let at = 0; at <= known.size; at++) {
    const isEnd = at === known.size;
    if (!isEnd && known.cost(at) > step.softAbove) continue;
    const to = isEnd ? text.length : known.index(at);
    if (sizes.exceeds(from, to, limit)) step.scan(text, from, to, emit);
    takeUntil(to);
    from = to;
  }
  return refined;
}

interface Part {
  readonly from: number;
  readonly to: number;
}

/** A quarter of the limit, so that what is cut here can still be joined with what stands beside it. */
function scanCharacters(
  text: string,
  { from, to }: Part,
  { sizes, maxBytes }: { readonly sizes: Utf8Sizes; readonly maxBytes: number },
  emit: Emit,
): void {
  const step = Math.max(1, Math.floor(maxBytes / 4));
  let begin = from;
  for (let at = from, bytes = 0; at < to; ) {
    const end = at + unitsAt(text, at);
    const size = sizes.of(at, end);
    const cut = bytes + size > step && at > begin ? placeBefore(text, begin, at) : null;
    if (cut !== null || bytes + size > maxBytes) {
      emit(cut ?? at, cutCosts.character);
      begin = cut ?? at;
      bytes = sizes.of(begin, at);
    }
    bytes += size;
    at = end;
  }
}

/** Of the code point at the index; `\r\n` counts as one. */
function unitsAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === 13) return text.charCodeAt(at + 1) === 10 ? 2 : 1;
  return isHighSurrogate(code) && (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** Made when it is first wanted, for it takes a while. */
let graphemes: Intl.Segmenter | null = null;

/** Longer graphemes are cut. Both sides of a place are looked at, as far as this. */
const graphemeReach = 40;

/** The last place that cuts no grapheme; the index itself in a very long one, and null in one that begins the part. */
function placeBefore(text: string, begin: number, index: number): number | null {
  // What stands below U+0300 combines with nothing.
  if (text.charCodeAt(index) < 0x300) return index;
  const from = Math.max(begin, index - graphemeReach);
  const around = text.slice(from, index + graphemeReach);
  graphemes ??= new Intl.Segmenter("und", { granularity: "grapheme" });
  const start = graphemes.segment(around).containing(index - from)?.index ?? 0;
  if (start > 0) return from + start;
  return from === begin ? null : index;
}

import { slopeOf } from "../slope.ts";
import type { MemorySample } from "./results.ts";

/** Whether something grows with changes. */
export interface Growth {
  /** Bytes for each change, over the later half of them. */
  readonly perChange: number;
  /** Twice its standard error. */
  readonly uncertainty: number;
  readonly verdict: "flat" | "grows" | "not to be told";
}

/**
 * What is kept for a change takes at least a reference to it: eight bytes. Less than that for each is no growth with
 * changes, whatever else moves; what is kept of rows that are gone shows as well, since one change in six is such.
 */
export const leastKeptBytes = 8;

/** Null where there are too few samples, or the kernel tells nothing. */
export function growthOf(
  samples: readonly MemorySample[],
  of: (sample: MemorySample) => number | null,
): Growth | null {
  const half = samples.at(-1)!.changes / 2;
  const points = samples
    .filter(({ changes }) => changes >= half)
    .flatMap((sample) => {
      const y = of(sample);
      return y === null ? [] : [{ x: sample.changes, y }];
    });
  if (points.length < 3) return null;
  const { perX, error } = slopeOf(points);
  const uncertainty = 2 * error;
  return { perChange: perX, uncertainty, verdict: verdictOn(perX, uncertainty) };
}

function verdictOn(perChange: number, uncertainty: number): Growth["verdict"] {
  if (perChange + uncertainty < leastKeptBytes) return "flat";
  return perChange - uncertainty > leastKeptBytes ? "grows" : "not to be told";
}

import type { LiveRound } from "./live-round.ts";
import type { RoundFailure } from "./run-round.ts";

export interface ShrinkRoundOptions {
  readonly run: (round: LiveRound) => Promise<RoundFailure | null>;
  readonly timeLimitMs: number;
}

/** Leaves incidents out of a failing round, many at first, for as long as it fails in the same way. */
export async function shrinkRound(
  failing: LiveRound,
  failure: RoundFailure,
  { run, timeLimitMs }: ShrinkRoundOptions,
): Promise<{ readonly round: LiveRound; readonly failure: RoundFailure }> {
  const until = performance.now() + timeLimitMs;
  let best = { round: failing, failure };
  for (let size = Math.ceil(failing.incidents.length / 2); size > 0; size = size === 1 ? 0 : size >> 1) {
    for (let at = 0; at < best.round.incidents.length; ) {
      if (performance.now() > until) return best;
      const incidents = best.round.incidents.filter((_, i) => i < at || i >= at + size);
      const candidate = { ...best.round, incidents };
      const found = await run(candidate);
      if (found?.kind === failure.kind) best = { round: candidate, failure: found };
      else at += size;
    }
  }
  return best;
}

import type { Case } from "./case.ts";
import { reductions } from "./reductions.ts";
import type { Failure } from "./run-case.ts";

export interface ShrinkOptions {
  readonly run: (simulated: Case) => Promise<Failure | null>;
  readonly timeLimitMs: number;
}

export interface Shrunk {
  readonly simulated: Case;
  readonly failure: Failure;
  /** How many smaller cases were tried. */
  readonly tried: number;
}

/**
 * Makes a failing case smaller for as long as it fails in the same way: each part in turn is left out or made
 * plainer, the largest first, until nothing more can go or the time is over.
 */
export async function shrinkCase(failing: Case, failure: Failure, options: ShrinkOptions): Promise<Shrunk> {
  const until = performance.now() + options.timeLimitMs;
  let best: Shrunk = { simulated: upTo(failing, failure.step), failure, tried: 0 };
  for (let progress = true; progress; ) {
    progress = false;
    for (const reduction of reductions) {
      // What was left of a candidate list may be tried again on the smaller case.
      for (let at = 0; ; ) {
        if (performance.now() > until) return best;
        const candidate = reduction(best.simulated)[at];
        if (candidate === undefined) break;
        best = { ...best, tried: best.tried + 1 };
        const found = await tryCandidate(candidate, failure, options);
        if (found) {
          best = { ...best, simulated: upTo(candidate, found.step), failure: found };
          progress = true;
        } else at++;
      }
    }
  }
  return best;
}

function upTo(simulated: Case, step: number): Case {
  return { ...simulated, steps: simulated.steps.slice(0, step + 1) };
}

/** A candidate that cannot be run at all has another flaw. */
async function tryCandidate(
  candidate: Case,
  { kind }: Failure,
  { run }: ShrinkOptions,
): Promise<Failure | null> {
  try {
    const found = await run(candidate);
    return found?.kind === kind ? found : null;
  } catch {
    return null;
  }
}

import type { Case } from "./case.ts";
import { describeCase } from "./describe-case.ts";
import { replayCase } from "./replay-case.ts";
import type { Failure } from "./run-case.ts";
import { shrinkCase } from "./shrink-case.ts";

/** A case as it stands in `test/regressions/`. */
export interface Regression {
  /** What went wrong when it was found. */
  readonly about: string;
  readonly case: Case;
}

export interface FailureReport {
  /** For people: what failed, in the smallest case that was found, and how to run it again. */
  readonly text: string;
  readonly regression: Regression;
}

/** Makes a failing case small, and says what it is. */
export async function reportFailure(
  failing: Case,
  failure: Failure,
  { timeLimitMs }: { readonly timeLimitMs: number },
): Promise<FailureReport> {
  const shrunk = await shrinkCase(failing, failure, { run: replayCase, timeLimitMs });
  const { simulated, failure: found } = shrunk;
  const about = `${found.kind}: ${found.text}`;
  const text = [
    `FAILED in step ${found.step + 1}: ${about}`,
    `(from ${failing.steps.length} steps of seed ${failing.seed}, by trying ${shrunk.tried} smaller cases)`,
    describeCase(simulated),
  ].join("\n");
  return { text, regression: { about, case: simulated } };
}

import { replayCase } from "./replay-case.ts";
import { type FailureReport, reportFailure } from "./report-failure.ts";
import { caseOf, type RunKind } from "./runs.ts";

/** Some histories for a worker process to run. */
export interface Chunk {
  readonly kind: RunKind;
  readonly firstSeed: number;
  readonly count: number;
  /** How long each failing case may be made smaller. */
  readonly shrinkMs: number;
}

/** What a worker process says of a chunk. */
export interface ChunkResult {
  readonly passed: number;
  readonly failures: readonly (FailureReport & { readonly seed: number })[];
}

async function runChunk({ kind, firstSeed, count, shrinkMs }: Chunk): Promise<ChunkResult> {
  const failures: (FailureReport & { seed: number })[] = [];
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const simulated = caseOf(kind, seed);
    const failure = await replayCase(simulated);
    if (failure)
      failures.push({ seed, ...(await reportFailure(simulated, failure, { timeLimitMs: shrinkMs })) });
  }
  return { passed: count - failures.length, failures };
}

process.on("message", (chunk: Chunk) => {
  // What throws is a flaw of the simulator: the process ends, and says so by its exit code.
  void runChunk(chunk).then((result) => process.send!(result));
});

import { expect, test } from "vitest";
import { replayCase } from "./replay-case.ts";
import { reportFailure } from "./report-failure.ts";
import { caseOf, type RunKind } from "./runs.ts";

/*
 * A short run of the simulator. SEED= and RUNS= choose others; `npm run sim` runs many more.
 */

const firstSeed = Number(process.env.SEED ?? 1);
const runs = Number(process.env.RUNS ?? 300);

async function runSeeds(kind: RunKind, from: number, count: number): Promise<void> {
  for (let seed = from; seed < from + count; seed++) {
    const simulated = caseOf(kind, seed);
    const failure = await replayCase(simulated);
    if (!failure) continue;
    const { text, regression } = await reportFailure(simulated, failure, { timeLimitMs: 30_000 });
    expect.unreachable(`${text}\n${JSON.stringify(regression)}`);
  }
}

// In parts, so that none takes so long that it looks as if it would never end.
const part = 50;
for (let from = firstSeed; from < firstSeed + runs; from += part) {
  test(
    `histories ${from} to ${from + part - 1} in memory end as a rebuild would, with the least work`,
    () => runSeeds("memory", from, part),
    300_000,
  );
}

test("histories on disk do so too", () => runSeeds("lmdb", firstSeed, Math.ceil(runs / 10)), 300_000);

test(
  "and histories in processes that are killed",
  () => runSeeds("kills", firstSeed, Math.ceil(runs / 100)),
  300_000,
);

import { expect, test } from "vitest";
import { describeFailure, runCrashTrials, seedOf } from "./crash-trial.ts";

test("killed at any moment, an update later all is as after a build from nothing", async ({ annotate }) => {
  const seed = seedOf(process.env);
  await annotate(`SEED=${seed}`);
  console.log(`crash trials: SEED=${seed}`);
  const results = await runCrashTrials(seed, 12);
  expect(results.filter(({ problem }) => problem !== null).map(describeFailure)).toEqual([]);
  // Otherwise the moments are badly chosen.
  expect(results.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThan(5);
}, 300_000);

import { describeFailure, runCrashTrials, seedOf } from "./crash-trial.ts";

const seed = seedOf(process.env);
const runs = Number(process.env.RUNS ?? 200);
console.log(`${runs} runs, SEED=${seed}`);

let done = 0;
const results = await runCrashTrials(seed, runs, (result) => {
  done++;
  if (result.problem !== null) console.log(describeFailure(result));
  else if (done % 20 === 0) console.log(`${done} of ${runs} done`);
});

const failed = results.filter(({ problem }) => problem !== null).length;
const kills = results.reduce((sum, result) => sum + result.kills, 0);
console.log(`${kills} processes were killed`);
console.log(`${runs - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && runs > 0 ? 0 : 1;

import { Oracle } from "../oracle/oracle.ts";
import { beginning, enterStep, runStep } from "../run-case.ts";
import { KeptWorld, type Progress } from "./kept-world.ts";

/*
 * A process of a history whose ends are real: goes on after the steps that others have taken, and kills itself where
 * the case says so.
 */

const kept = new KeptWorld(process.argv[2]!);
const simulated = kept.readCase();
const world = kept.open(simulated, () => {
  process.kill(process.pid, "SIGKILL");
  // Nothing may happen until the signal has come.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
const oracle = new Oracle(simulated, world.backends);
let progress: Progress = kept.readProgress();
let state = beginning(simulated);

const followed = simulated.steps.slice(0, progress.ends.length).map((step, i) => {
  state = enterStep(state, simulated.steps, i);
  world.clock.shift(step.clockMs ?? 0);
  const end = progress.ends[i] ?? ({ kind: "doubtful", unlisted: [] } as const);
  return { ...state, run: step.run ?? ({ verb: "update" } as const), end };
});
oracle.takeOver(followed, progress.known);

for (const [i, step] of simulated.steps.entries()) {
  if (i < followed.length) continue;
  state = enterStep(state, simulated.steps, i);
  world.clock.shift(step.clockMs ?? 0);
  // Where this process does not come back, the next one finds that the step has no end.
  kept.writeProgress({ ...progress, ends: [...progress.ends, null] });
  const found = await runStep({ world, oracle, memory: null, state, step });
  const failure = found && { ...found, step: i };
  progress = { ends: [...progress.ends, oracle.lastEnd], known: oracle.known, failure };
  kept.writeProgress(progress);
  if (failure) break;
}

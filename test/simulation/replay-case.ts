import type { Case } from "./case.ts";
import { runKilledCase } from "./kills/run-killed-case.ts";
import { type Failure, type RunOptions, runCase } from "./run-case.ts";

/**
 * Goes through a history from its JSON alone, in this process or, where they are really killed, in others, to which
 * options do not reach.
 */
export function replayCase(simulated: Case, options: RunOptions = {}): Promise<Failure | null> {
  return simulated.kills ? runKilledCase(simulated) : runCase(simulated, options);
}

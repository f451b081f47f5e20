import type { Case } from "./case.ts";
import { runKilledCase } from "./kills/run-killed-case.ts";
import { type Failure, runCase } from "./run-case.ts";

/** Goes through a history from its JSON alone, in this process or, where they are really killed, in others. */
export function replayCase(simulated: Case): Promise<Failure | null> {
  return simulated.kills ? runKilledCase(simulated) : runCase(simulated);
}

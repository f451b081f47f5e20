import type { SourceContext } from "../../src/contracts/source.ts";
import { type Clock, systemClock } from "../../src/kernel/clock.ts";

/** What the engine gives to a source of a flow when it opens it. */
export function sourceContext(appDirectory: string, clock: Clock = systemClock): SourceContext {
  return { appDirectory, clock, flow: "Opened", sourceName: "rows", defaultName: "Opened__rows" };
}

import { Child } from "../child.ts";
import type { Progress } from "../progress.ts";
import type { FloodAnswers, FloodArgument } from "./flood.ts";
import type { LivePlan } from "./live-plan.ts";
import type { MemoryResult, MemorySample } from "./results.ts";

/** Each row changes once in a round, and one in five goes for a new one: six changes for five rows. */
const changesPerRow = 1.2;
const rounds = 10;

/** What a live update holds while so many changes go through it. */
export async function measureMemory(
  plan: LivePlan,
  { progress, directory }: { readonly progress: Progress; readonly directory: string },
): Promise<MemoryResult> {
  const { changes, measuredOptions } = plan;
  progress.begin(`${changes.toLocaleString("en-US")} changes through the engine`);
  const rows = Math.ceil(changes / rounds / changesPerRow);
  const argument: FloodArgument = { appDirectory: directory, rows };
  const flood: Child<FloodAnswers> = new Child(new URL("flood.js", import.meta.url), {
    argument,
    nodeOptions: ["--expose-gc", ...measuredOptions],
  });
  try {
    await flood.ask("start");
    const samples: MemorySample[] = [{ changes: 0, seconds: 0, cpuMs: 0, ...(await flood.ask("use")) }];
    for (let sum = 0; sum < changes; ) {
      const round = await flood.ask("flood");
      sum += round.changes;
      samples.push({ ...round, changes: sum, ...(await flood.ask("use")) });
    }
    await flood.ask("stop");
    return { samples };
  } finally {
    await flood.end();
  }
}

import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { describeMachine } from "../machine.ts";
import { Progress } from "../progress.ts";
import { inDirectory } from "../temporary-directory.ts";
import { renderLivePage } from "./live-page.ts";
import { type LivePlan, liveUsage, planLive } from "./live-plan.ts";
import { type FolderMeasured, measureFolder } from "./measure-folder.ts";
import { measureMemory } from "./measure-memory.ts";
import type { LiveResults } from "./results.ts";

/** Where the figures go, relative to the repository. */
export const liveResultsFile = "bench/results/live.json";
export const livePageFile = "docs/benchmarks/live.md";

/** Measures live updates. All of it makes the page; a part is only shown. */
export async function benchLive(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) {
    process.stdout.write(liveUsage);
    return;
  }
  const plan = planLive(args);
  const command = ["npm run bench", ...(args.length > 0 ? ["-- live", ...args] : [])].join(" ");
  const results = await measure(plan, command);
  const page = renderLivePage(results);
  process.stdout.write(page);
  if (!plan.isWhole) return;
  write(liveResultsFile, `${JSON.stringify(results, null, 2)}\n`);
  write(livePageFile, page);
  process.stderr.write(`written: ${liveResultsFile}, ${livePageFile}\n`);
}

async function measure(plan: LivePlan, command: string): Promise<LiveResults> {
  const machine = describeMachine(tmpdir());
  const progress = new Progress(stepsOf(plan));
  const folders: FolderMeasured[] = [];
  for (const files of plan.files)
    folders.push(await inDirectory((directory) => measureFolder(files, { plan, progress, directory })));
  const memory =
    plan.changes === 0
      ? null
      : await inDirectory((directory) => measureMemory(plan, { progress, directory }));
  return {
    command,
    machine,
    starts: folders.map(({ start }) => start),
    idle: folders.flatMap(({ idle }) => idle ?? []),
    latencies: folders.flatMap(({ latencies }) => latencies),
    memory,
  };
}

function stepsOf({ files, rates, idleSeconds, changes }: LivePlan): number {
  return files.length * (2 + Math.min(1, idleSeconds) + rates.length) + Math.min(1, changes);
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

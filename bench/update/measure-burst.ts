import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { monotonicMs } from "../monotonic.ts";
import type { Contender } from "./contenders.ts";
import type { Counts, Task } from "./counts.ts";
import type { Landed } from "./follow-burst.ts";
import { cpuMsOf } from "./measure-process.ts";
import type { BurstResult, BurstRound } from "./results.ts";
import type { SeriesSetting } from "./run-series.ts";
import { UpdateCorpus } from "./update-corpus.ts";

export interface BurstPlan {
  readonly files: number;
  readonly edits: number;
  readonly rounds: number;
}

/** Edits files at once while a live update follows them, until all of it is durable. */
export async function measureBursts(
  contender: Contender,
  { files, edits, rounds }: BurstPlan,
  { directory, seed, batch, progress }: SeriesSetting,
): Promise<BurstResult> {
  progress.begin(`live: ${edits.toLocaleString("en-US")} edits of ${files.toLocaleString("en-US")} files`);
  const corpus = new UpdateCorpus(join(directory, "corpus"), files, seed);
  const state = join(directory, "live");
  mkdirSync(state);
  const task: Task = {
    corpus: corpus.directory,
    state,
    splitter: 1,
    delay: 0,
    batch,
    target: "counting",
    mode: "live",
    stopAfterTexts: null,
    record: null,
  };
  const measured: BurstRound[] = [];
  for (let round = 0; round < rounds; round++)
    measured.push(await measureBurst(contender.command(task), () => corpus.edit(edits), edits));
  rmSync(state, { recursive: true });
  corpus.remove();
  return { files, edits, rounds: measured };
}

async function measureBurst(
  [program, ...args]: [string, ...string[]],
  edit: () => void,
  edits: number,
): Promise<BurstRound> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const cpuBefore = cpuMsOf(child.pid!);
  const began = monotonicMs();
  edit();
  child.stdin.write(`${edits}\n`);
  const { value } = await lines.next();
  const cpuMs = cpuMsOf(child.pid!) - cpuBefore;
  child.stdin.end();
  await ended;
  const { atMs, before, after } = JSON.parse(value as string) as Landed;
  return { wallMs: atMs - began, cpuMs, counts: difference(after, before) };
}

/** What was done between; the store's size is what it is in the end. */
function difference(after: Counts, before: Counts): Counts {
  const names = Object.keys(after) as (keyof Counts)[];
  const differences = names.map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]);
  return {
    ...(Object.fromEntries(differences) as Record<keyof Counts, number>),
    storeBytes: after.storeBytes,
  };
}

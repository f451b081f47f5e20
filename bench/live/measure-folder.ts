import { join } from "node:path";
import { Child } from "../child.ts";
import { writeCorpus } from "../corpus.ts";
import { percentile } from "../percentile.ts";
import type { Progress } from "../progress.ts";
import { type Arrivals, type Edits, type Latencies, latenciesOf } from "./edits.ts";
import type { FollowerAnswers, FollowerArgument, Start, Use } from "./follower.ts";
import type { LivePlan } from "./live-plan.ts";
import type { IdleResult, LatencyResult, Spread, StartResult } from "./results.ts";
import type { WriterAnswers, WriterArgument } from "./writer.ts";

export interface FolderMeasured {
  readonly start: StartResult;
  readonly idle: IdleResult | null;
  readonly latencies: readonly LatencyResult[];
}

const folder = "pages";
const seed = 1;
const starts = 3;
/** What follows a start is to be over: for some seconds, V8 collects once more what the start has left. */
const settlingSeconds = 15;
/** What has not come by then is lost. */
const longestWaitMs = 30_000;
const lookMs = 200;

type Follower = Child<FollowerAnswers>;
type Writer = Child<WriterAnswers>;

/** A live update of a folder with so many files: how it starts, rests and follows. */
export async function measureFolder(
  files: number,
  {
    plan,
    progress,
    directory,
  }: { readonly plan: LivePlan; readonly progress: Progress; readonly directory: string },
): Promise<FolderMeasured> {
  const name = files.toLocaleString("en-US");
  progress.begin(`${name} files: written, and taken in for the first time`);
  writeCorpus(join(directory, folder), files, seed);
  const firstMs = await firstStart(directory);
  progress.begin(`${name} files: ${starts} starts with nothing changed`);
  const { follower, start } = await startAgain(directory, plan);
  const argument: WriterArgument = { directory: join(directory, folder), pages: files, seed };
  const writer: Writer = new Child(new URL("writer.js", import.meta.url), { argument });
  try {
    if (plan.idleSeconds > 0) progress.begin(`${name} files: idle for ${plan.idleSeconds} s`);
    const idle = plan.idleSeconds > 0 ? await rest(follower, files, plan.idleSeconds) : null;
    const latencies: LatencyResult[] = [];
    for (const perSecond of plan.rates) {
      progress.begin(`${name} files: ${perSecond} changes a second for ${plan.secondsOf(perSecond)} s`);
      latencies.push(await follow({ follower, writer, files }, perSecond, plan.secondsOf(perSecond)));
    }
    await follower.ask("stop");
    return { start: { files, firstMs, ...start }, idle, latencies };
  } finally {
    await Promise.all([follower.end(), writer.end()]);
  }
}

function startFollower(appDirectory: string, nodeOptions: readonly string[] = []): Follower {
  const argument: FollowerArgument = { appDirectory, folder };
  return new Child(new URL("follower.js", import.meta.url), {
    argument,
    nodeOptions: ["--expose-gc", ...nodeOptions],
  });
}

async function firstStart(directory: string): Promise<number> {
  const { follower, caughtUpMs } = await started(startFollower(directory));
  await stopped(follower);
  return caughtUpMs;
}

/** Several times; the last one goes on. */
async function startAgain(
  directory: string,
  plan: LivePlan,
): Promise<{ readonly follower: Follower; readonly start: Start }> {
  const all: Start[] = [];
  for (;;) {
    const last = all.length === starts - 1;
    const { follower, ...start } = await started(startFollower(directory, last ? plan.measuredOptions : []));
    all.push(start);
    if (last) {
      const middle = (of: (one: Start) => number) => percentile(all.map(of), 0.5)!;
      const [armedMs, caughtUpMs] = [middle((one) => one.armedMs), middle((one) => one.caughtUpMs)];
      return { follower, start: { armedMs, caughtUpMs } };
    }
    await stopped(follower);
  }
}

async function started(follower: Follower): Promise<{ readonly follower: Follower } & Start> {
  try {
    const start = await follower.ask("start");
    // What came with the first listing is no arrival.
    await follower.ask("take");
    return { follower, ...start };
  } catch (thrown) {
    await follower.end();
    throw thrown;
  }
}

async function stopped(follower: Follower): Promise<void> {
  await follower.ask("stop");
  await follower.end();
}

async function rest(follower: Follower, files: number, seconds: number): Promise<IdleResult> {
  const memory = await follower.ask("memory");
  await sleep(settlingSeconds * 1_000);
  const before = await follower.ask("use");
  await sleep(seconds * 1_000);
  const after = await follower.ask("use");
  if (after.told > before.told) throw new Error("files changed that nobody was to change");
  const [cpuMs, listings] = [after.cpuMs - before.cpuMs, after.listings - before.listings];
  return { files, seconds, cpuMs, listings, ...memory };
}

interface Pair {
  readonly follower: Follower;
  readonly writer: Writer;
  readonly files: number;
}

async function follow(
  { follower, writer, files }: Pair,
  perSecond: number,
  seconds: number,
): Promise<LatencyResult> {
  const before = await follower.ask("use");
  const edits = await writer.ask("write", { perSecond, seconds });
  const whileWriting = await follower.ask("use");
  const { latencies, lagsMs } = await arrivalsOf(follower, edits);
  const after = await follower.ask("use");
  if (after.failed > 0) throw new Error(`${after.failed} rows failed`);
  const took = edits.ended.at(-1)! - edits.began[0]!;
  const of = (what: keyof Use) => after[what] - before[what];
  return {
    files,
    perSecond,
    edits: edits.paths.length,
    reached: ((edits.paths.length - 1) / took) * 1_000,
    written: spreadOf(latencies.written),
    deleted: spreadOf(latencies.deleted),
    lag: spreadOf(lagsMs),
    unseen: latencies.unseen,
    lost: latencies.lost,
    cpuShare: (whileWriting.cpuMs - before.cpuMs) / (whileWriting.atMs - before.atMs),
    told: of("told"),
    read: of("read"),
    transactions: of("transactions"),
    targetCalls: of("targetCalls"),
    listings: of("listings"),
  };
}

/** Waits until all edits have arrived, or nothing has for long. */
async function arrivalsOf(
  follower: Follower,
  edits: Edits,
): Promise<{ readonly latencies: Latencies; readonly lagsMs: readonly number[] }> {
  const all: { paths: string[]; stamps: (number | null)[]; at: number[] } & Arrivals = {
    paths: [],
    stamps: [],
    at: [],
  };
  const lagsMs: number[] = [];
  for (let waitedMs = 0; ; waitedMs += lookMs) {
    await sleep(lookMs);
    const taken = await follower.ask("take");
    if (taken.paths.length > 0) waitedMs = 0;
    for (const part of ["paths", "stamps", "at"] as const) append(all[part], taken[part]);
    append(lagsMs, taken.lagsMs);
    const latencies = latenciesOf(edits, all);
    if (latencies.lost === 0 || waitedMs > longestWaitMs) return { latencies, lagsMs };
  }
}

function append(to: unknown[], what: readonly unknown[]): void {
  for (const one of what) to.push(one);
}

function spreadOf(values: readonly number[]): Spread {
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => percentile(values, share));
  return { values: values.length, p50: p50!, p99: p99!, most: most! };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

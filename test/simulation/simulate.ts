import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { replayRound, soak } from "./live/soak.ts";
import { readRegressions } from "./regressions.ts";
import { replayCase } from "./replay-case.ts";
import type { Regression } from "./report-failure.ts";
import { type RunKind, runKinds } from "./runs.ts";
import type { Chunk, ChunkResult } from "./simulation-worker.ts";
import { type LostChunk, runChunks } from "./worker-pool.ts";

/*
 * `npm run sim`: long random runs. See README.md for its arguments and for how to read a failure.
 */

const { values } = parseArgs({
  options: {
    memory: { type: "string" },
    lmdb: { type: "string" },
    kills: { type: "string" },
    seed: { type: "string" },
    workers: { type: "string" },
    live: { type: "boolean", default: false },
    minutes: { type: "string" },
    rounds: { type: "string" },
    replay: { type: "string" },
  },
});

/** So many histories of each kind, where nothing else is said. */
const defaults: Readonly<Record<RunKind, number>> = { memory: 20_000, lmdb: 1_000, kills: 200 };
/** A worker takes so many at once, which is some seconds of work. */
const chunkSizes: Readonly<Record<RunKind, number>> = { memory: 100, lmdb: 20, kills: 2 };
/** Failures that are made small; what fails more often is told by its seeds. */
const mostShrunk = 12;
/** How long live updates are run where nothing else is said. */
const defaultMinutes = 3;
/** How often it is told how far it has come. */
const progressMs = 15_000;
const failuresDirectory = "simulation-failures";

const counts = countsOf(process.env.RUNS);
const firstSeed = seedOf(values.seed ?? process.env.SEED);
const total = runKinds.reduce((sum, kind) => sum + counts[kind], 0);
let passed = 0;
const failed: string[] = [];

function countsOf(runs: string | undefined): Record<RunKind, number> {
  const share = runs === undefined ? 1 : Number(runs) / defaults.memory;
  const named = runKinds.some((kind) => values[kind] !== undefined);
  const count = (kind: RunKind) => Number(values[kind] ?? (named ? 0 : Math.round(defaults[kind] * share)));
  return { memory: count("memory"), lmdb: count("lmdb"), kills: count("kills") };
}

function seedOf(given: string | undefined): number {
  return given === undefined ? Math.floor(Math.random() * 1e9) : Number(given);
}

/** The slow ones first, so that no worker is left alone with them at the end. */
function* chunks(): Generator<Chunk> {
  for (const kind of [...runKinds].reverse()) {
    for (let at = 0; at < counts[kind]; at += chunkSizes[kind]) {
      const count = Math.min(chunkSizes[kind], counts[kind] - at);
      yield { kind, firstSeed: firstSeed + at, count, shrinkMs: failed.length < mostShrunk ? 60_000 : 0 };
    }
  }
}

function note({ kind, firstSeed: seed, count }: Chunk, result: ChunkResult | LostChunk): void {
  if ("lost" in result) {
    failed.push(`${kind} ${seed} and following`);
    console.log(`LOST: ${kind}, seeds ${seed} to ${seed + count - 1}: ${result.lost}\n`);
    return;
  }
  passed += result.passed;
  for (const failure of result.failures) {
    failed.push(`${kind} ${failure.seed}`);
    console.log(`${failure.text}\n${keep(`${kind}-${failure.seed}`, failure.regression)}\n`);
  }
}

function keep(name: string, regression: Regression): string {
  mkdirSync(failuresDirectory, { recursive: true });
  const file = join(failuresDirectory, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(regression, null, 2)}\n`);
  return `kept in ${file}; to keep it for good, move it to test/regressions/ under a name that says what it shows`;
}

async function replayRegressions(): Promise<void> {
  for (const { name, regression } of readRegressions()) {
    const failure = await replayCase(regression.case);
    if (failure === null) passed++;
    else {
      failed.push(`regression ${name}`);
      console.log(`FAILED: regression ${name}: ${failure.kind}: ${failure.text}\n`);
    }
  }
}

/** `--live`: rounds of live updates in this process, which must leave nothing behind in it. */
async function soakLive(): Promise<boolean> {
  if (values.replay !== undefined) return replayRound(values.replay, (line) => console.log(line));
  const minutes = Number(values.minutes ?? (values.rounds === undefined ? defaultMinutes : Infinity));
  console.log(`live updates from --seed ${firstSeed}`);
  let current = firstSeed;
  const progress = setInterval(() => console.log(`at the round of seed ${current}`), progressMs);
  const { rounds, failed, leaks } = await soak({
    firstSeed,
    begins: (seed) => {
      current = seed;
    },
    forMs: minutes * 60_000,
    rounds: Number(values.rounds ?? Infinity),
    keepIn: failuresDirectory,
    shrinkMs: 60_000,
    print: (line) => console.log(line),
  });
  clearInterval(progress);
  for (const seed of failed) console.log(`failed: --live --seed ${seed} --rounds 1`);
  console.log(`${rounds - failed.length} rounds passed, ${failed.length} failed`);
  return rounds > 0 && failed.length === 0 && !leaks;
}

async function runHistories(): Promise<boolean> {
  console.log(
    `${runKinds.map((kind) => `${counts[kind]} ${kind}`).join(", ")} from SEED=${firstSeed}, after the regressions`,
  );
  await replayRegressions();
  const progress = setInterval(() => {
    console.log(`${passed + failed.length} of ${total} done, ${failed.length} failed`);
  }, progressMs);
  await runChunks(chunks(), Number(values.workers ?? availableParallelism()), note);
  clearInterval(progress);
  for (const one of failed) console.log(`failed: ${one}`);
  console.log(`${passed} passed, ${failed.length} failed`);
  return failed.length === 0 && passed > 0;
}

process.exitCode = (await (values.live ? soakLive() : runHistories())) ? 0 : 1;

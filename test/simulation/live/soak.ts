import { readFileSync } from "node:fs";
import { type Problem, thrownAsProblem } from "../oracle/problem.ts";
import { runFilesRound } from "./files-round.ts";
import { generateRound } from "./generate-round.ts";
import { Leaks } from "./leaks.ts";
import type { LiveRound } from "./live-round.ts";
import { keepRound, reportRound } from "./report-round.ts";
import { type RoundFailure, type RunRoundOptions, runRound } from "./run-round.ts";
import { withoutHang } from "./without-hang.ts";

export type RoundKind = "memory" | "lmdb" | "files";

/** Of twenty rounds two are on disk, and one follows real files in real time. */
export function kindOf(seed: number): RoundKind {
  const kinds: Readonly<Record<number, RoundKind>> = { 5: "lmdb", 15: "lmdb", 10: "files" };
  return kinds[seed % 20] ?? "memory";
}

export interface SoakOptions {
  readonly firstSeed: number;
  /** No round is begun after that. */
  readonly forMs: number;
  readonly rounds: number;
  /** Where failing rounds are kept; null: nowhere. */
  readonly keepIn: string | null;
  /** How long each failing round may be made smaller. */
  readonly shrinkMs: number;
  print(line: string): void;
  /** Told of each round before it begins. */
  begins?(seed: number): void;
  readonly observe?: RunRoundOptions["observe"];
}

/** Runs a round again that was kept; resolves to whether it is as it should be now. */
export async function replayRound(file: string, print: (line: string) => void): Promise<boolean> {
  const failure = await runRound(JSON.parse(readFileSync(file, "utf8")) as LiveRound);
  if (failure) print([...failure.log, `FAILED: ${failure.kind}: ${failure.text}`].join("\n"));
  return failure === null;
}

export interface SoakResult {
  readonly rounds: number;
  /** Seeds of rounds that failed. */
  readonly failed: readonly number[];
  /** Whether something is left after all of them that no one of them is known to have left. */
  readonly leaks: boolean;
}

interface RoundsResult extends Omit<SoakResult, "leaks"> {
  /** Whether the last one hangs. */
  readonly hangs: boolean;
}

/** Rounds of live updates, one after the other, each from its seed. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const leaks = new Leaks();
  const { hangs, ...result } = await runRounds(options);
  const left = hangs ? null : await leaks.checkResources();
  if (left) options.print(`FAILED after all rounds: ${left.text}`);
  return { ...result, leaks: left !== null };
}

async function runRounds(options: SoakOptions): Promise<RoundsResult> {
  const { firstSeed, forMs, print, begins } = options;
  const until = performance.now() + forMs;
  const failed: number[] = [];
  let rounds = 0;
  for (; rounds < options.rounds && performance.now() < until; rounds++) {
    const seed = firstSeed + rounds;
    begins?.(seed);
    const found = await named(seed, options);
    if (found === null) continue;
    failed.push(seed);
    if (found.kind === "hangs") {
      print(
        "what of a round that hangs cannot be cut off goes on behind those after it: this is the last one",
      );
      return { rounds: rounds + 1, failed, hangs: true };
    }
  }
  return { rounds, failed, hangs: false };
}

/** Whatever ends this process meanwhile is told with the seed of the round. */
async function named(seed: number, options: SoakOptions): Promise<Problem | null> {
  const inRound = () => options.print(`uncaught in the round of seed ${seed}:`);
  process.on("uncaughtExceptionMonitor", inRound);
  try {
    return await runOne(seed, options);
  } catch (thrown) {
    throw new Error(`the simulator broke in the round of seed ${seed}`, { cause: thrown });
  } finally {
    process.off("uncaughtExceptionMonitor", inRound);
  }
}

async function runOne(seed: number, options: SoakOptions): Promise<Problem | null> {
  const { print, observe } = options;
  const kind = kindOf(seed);
  if (kind === "files") {
    const run = () => thrownAsProblem(runFilesRound(seed));
    const found = await withoutHang(run, () => "though it follows real files");
    if (found) print(`FAILED: files, round of seed ${seed}: ${found.kind}: ${found.text}`);
    return found;
  }
  const round = generateRound(seed, kind);
  const failure = await runRound(round, observe ? { observe } : {});
  if (failure === null) return null;
  // At once, since the smaller rounds that are tried next may end this process.
  print(`FAILED: ${kind}, round of seed ${seed}: ${failure.kind}: ${failure.text}`);
  await tell(round, failure, options);
  return failure;
}

async function tell(round: LiveRound, failure: RoundFailure, options: SoakOptions): Promise<void> {
  const { print, shrinkMs, keepIn } = options;
  const report = await reportRound(round, failure, shrinkMs);
  print(report.text);
  if (keepIn !== null) print(keepRound(keepIn, report));
}

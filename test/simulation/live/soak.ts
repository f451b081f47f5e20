import { readFileSync } from "node:fs";
import type { Problem } from "../oracle/problem.ts";
import { runFilesRound } from "./files-round.ts";
import { generateRound } from "./generate-round.ts";
import { Leaks } from "./leaks.ts";
import type { LiveRound } from "./live-round.ts";
import { keepRound, reportRound } from "./report-round.ts";
import { type RoundFailure, type RunRoundOptions, runRound } from "./run-round.ts";

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
}

/** Rounds of live updates, one after the other, each from its seed. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { firstSeed, forMs, print } = options;
  const until = performance.now() + forMs;
  const leaks = new Leaks();
  const failed: number[] = [];
  let rounds = 0;
  for (; rounds < options.rounds && performance.now() < until; rounds++) {
    const seed = firstSeed + rounds;
    const found = await runOne(seed, options);
    if (found === null) continue;
    failed.push(seed);
    if (found.kind === "hangs") {
      print("a round that hangs goes on behind those after it: this is the last one");
      return { rounds: rounds + 1, failed };
    }
  }
  const left = await leaks.checkResources();
  if (left) {
    print(`FAILED after all rounds: ${left.text}`);
    failed.push(firstSeed + rounds);
  }
  return { rounds, failed };
}

async function runOne(seed: number, options: SoakOptions): Promise<Problem | null> {
  const { print, observe } = options;
  const kind = kindOf(seed);
  if (kind === "files") {
    const found = await runFilesRound(seed);
    if (found) print(`FAILED: files, round of seed ${seed}: ${found.kind}: ${found.text}`);
    return found;
  }
  const round = generateRound(seed, kind);
  const failure = await runRound(round, observe ? { observe } : {});
  if (failure) await tell(round, failure, options);
  return failure;
}

async function tell(round: LiveRound, failure: RoundFailure, options: SoakOptions): Promise<void> {
  const { print, shrinkMs, keepIn } = options;
  const report = await reportRound(round, failure, shrinkMs);
  print(report.text);
  if (keepIn !== null) print(keepRound(keepIn, report));
}

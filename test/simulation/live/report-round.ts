import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeRound } from "./describe-round.ts";
import type { LiveRound } from "./live-round.ts";
import { type RoundFailure, runRound } from "./run-round.ts";
import { shrinkRound } from "./shrink-round.ts";

/** Lines of the log that are told; all of them are kept. */
const lastLines = 60;

/** Makes a failing round small, and says what happens in it. One that hangs leaves too much behind to be run again. */
export async function reportRound(
  failing: LiveRound,
  failure: RoundFailure,
  timeLimitMs: number,
): Promise<{ readonly text: string; readonly log: string; readonly round: LiveRound }> {
  const shrunk =
    failure.kind === "hangs"
      ? { round: failing, failure }
      : await shrinkRound(failing, failure, { run: runRound, timeLimitMs });
  const { round, failure: found } = shrunk;
  const text = [
    `round of seed ${failing.simulated.seed}, made smaller: ${found.kind}: ${found.text}`,
    `(${round.incidents.length} of its ${failing.incidents.length} incidents)`,
    describeRound(round),
    "the last that happened:",
    ...found.log.slice(-lastLines),
  ].join("\n");
  return { text, log: found.log.join("\n"), round };
}

/** Keeps a failing round beside the histories that failed. */
export function keepRound(directory: string, { log, round }: { log: string; round: LiveRound }): string {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `live-${round.simulated.store}-${round.simulated.seed}`);
  writeFileSync(`${file}.json`, `${JSON.stringify(round, null, 2)}\n`);
  writeFileSync(`${file}.log`, `${log}\n`);
  return `kept in ${file}.json, with all that happened in ${file}.log`;
}

import { percentile } from "../percentile.ts";
import type { Counts } from "./counts.ts";
import type { ProcessUse } from "./measure-process.ts";
import type { ContenderName, PhaseName, PhaseResult } from "./results.ts";

/** Of several rounds the figures in the middle, each by itself. */
export interface Median extends ProcessUse {
  readonly rounds: number;
  /** Equal in all rounds but for chance in how calls fall together: those of the last one. */
  readonly counts: Counts | null;
  readonly writtenBytes: number | null;
}

export interface PhaseOf {
  readonly files: number;
  readonly phase: PhaseName;
  readonly contender: ContenderName;
  readonly target?: PhaseResult["target"];
  readonly delay?: number;
}

/** Null where it was not measured, or failed. */
export function medianOf(results: readonly PhaseResult[], of: PhaseOf): Median | null {
  const { files, phase, contender, target = "counting", delay = 0 } = of;
  const found = results.find(
    (each) =>
      each.files === files &&
      each.phase === phase &&
      each.contender === contender &&
      each.target === target &&
      each.delay === delay,
  );
  return found === undefined ? null : medianOfRounds(found);
}

export function medianOfRounds({ rounds }: PhaseResult): Median | null {
  const middle = middleUse(rounds);
  const written = rounds.flatMap(({ writtenBytes }) => writtenBytes ?? []);
  return (
    middle && {
      ...middle,
      rounds: rounds.length,
      counts: rounds.at(-1)!.counts,
      writtenBytes: written.length < rounds.length ? null : percentile(written, 0.5),
    }
  );
}

/** Null where there are none. */
export function middleUse(uses: readonly ProcessUse[]): ProcessUse | null {
  if (uses.length === 0) return null;
  const middle = (numbers: readonly number[]) => percentile(numbers, 0.5)!;
  return {
    wallMs: middle(uses.map(({ wallMs }) => wallMs)),
    cpuMs: middle(uses.map(({ cpuMs }) => cpuMs)),
    peakBytes: middle(uses.map(({ peakBytes }) => peakBytes)),
  };
}

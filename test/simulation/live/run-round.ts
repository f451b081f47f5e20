import { systemClock } from "../../../src/kernel/clock.ts";
import { type Problem, problem, thrownAsProblem } from "../oracle/problem.ts";
import { Leaks } from "./leaks.ts";
import type { LiveRound } from "./live-round.ts";
import { type LiveSabotage, type LiveWorld, openLiveWorld } from "./live-world.ts";
import { RoundCourse } from "./round-course.ts";
import { withoutHang } from "./without-hang.ts";

/** What went wrong in a round. */
export interface RoundFailure extends Problem {
  /** The last that happened. */
  readonly log: readonly string[];
}

export interface RunRoundOptions {
  readonly sabotage?: LiveSabotage;
  /** Told of the world after a round that went well. */
  observe?(world: LiveWorld): void;
}

/** Goes through a round; null when all of it is as it should be. */
export async function runRound(
  round: LiveRound,
  { sabotage, observe }: RunRoundOptions = {},
): Promise<RoundFailure | null> {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  const leaks = new Leaks();
  process.on("unhandledRejection", note);
  const world = openLiveWorld(round, sabotage);
  const course = new RoundCourse(world);
  try {
    const found =
      (await withoutHang(
        () => thrownAsProblem(course.run()),
        () => `after ${world.clock.monotonic()} ms of simulated time`,
      )) ??
      (unhandled.length > 0 ? problem("unhandled", String(unhandled[0])) : null) ??
      (await leaks.check(world));
    if (found) return { ...found, log: world.log.lines };
    observe?.(world);
    return null;
  } finally {
    await course.cutOff();
    // What is rejected by that is of this round, and not of the next.
    await systemClock.idle();
    process.off("unhandledRejection", note);
    world.dispose();
  }
}

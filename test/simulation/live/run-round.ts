import { type Problem, problem } from "../oracle/problem.ts";
import { Leaks } from "./leaks.ts";
import type { LiveRound } from "./live-round.ts";
import { type LiveSabotage, type LiveWorld, openLiveWorld } from "./live-world.ts";
import { RoundCourse } from "./round-course.ts";

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
  try {
    const found =
      (await withoutHang(world, new RoundCourse(world).run())) ??
      (unhandled.length > 0 ? problem("unhandled", String(unhandled[0])) : null) ??
      (await leaks.check(world));
    if (found) return { ...found, log: world.log.lines };
    observe?.(world);
    return null;
  } finally {
    process.off("unhandledRejection", note);
    world.dispose();
  }
}

/** Some rounds take a second; one that takes so long hangs. */
const longestMs = 90_000;

async function withoutHang(world: LiveWorld, run: Promise<Problem | null>): Promise<Problem | null> {
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<Problem>((resolve) => {
    const stands = () => resolve(problem("hangs", `after ${world.clock.monotonic()} ms of simulated time`));
    timer = setTimeout(stands, longestMs);
  });
  try {
    return await Promise.race([run, hangs]);
  } finally {
    clearTimeout(timer);
  }
}

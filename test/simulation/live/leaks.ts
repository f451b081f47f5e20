import { systemClock } from "../../../src/kernel/clock.ts";
import { type Problem, problem } from "../oracle/problem.ts";
import type { LiveWorld } from "./live-world.ts";

/** How long what is closed may take until it is gone, in turns of the event loop. */
const patience = 2_000;

/** What this process holds open: as many of each kind after a round as before. */
export class Leaks {
  readonly #before = countResources();

  async check({ clock, feed }: LiveWorld): Promise<Problem | null> {
    if (clock.sleeping > 0) return problem("leak", `${clock.sleeping} timers on the simulated clock`);
    if (feed.watching > 0) return problem("leak", `${feed.watching} watchers are open`);
    if (feed.opened !== 0) return problem("leak", `${feed.opened} sources are open`);
    return this.checkResources();
  }

  async checkResources(): Promise<Problem | null> {
    for (let turn = 0; turn < patience; turn++) {
      if (this.#leaked().length === 0) return null;
      await systemClock.idle();
    }
    return problem("leak", `of this process: ${this.#leaked().join(", ")}`);
  }

  #leaked(): string[] {
    const now = countResources();
    return [...now].flatMap(([kind, count]) => {
      const before = this.#before.get(kind) ?? 0;
      return count > before ? [`${kind}: ${count}, before ${before}`] : [];
    });
  }
}

function countResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  // What the check itself waits with is none.
  for (const kind of process.getActiveResourcesInfo())
    if (kind !== "Immediate") counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

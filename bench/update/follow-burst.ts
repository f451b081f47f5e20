import { once } from "node:events";
import { createInterface } from "node:readline";
import type { EngineEvent, LiveUpdater } from "sluice";
import { deferred } from "../../src/kernel/deferred.ts";
import { monotonicMs } from "../monotonic.ts";
import type { Counts } from "./counts.ts";
import type { MeasuredFlow } from "./sluice-flow.ts";

/*
 * A live update that is told of a burst of edits. It prints `following` once it has caught up, is given on a line how
 * many files will be edited, and prints what became of them.
 */

/** What it prints in the end, as JSON. */
export interface Landed {
  /** When the last one was durable, by the clock that processes share. */
  readonly atMs: number;
  readonly before: Counts;
  readonly after: Counts;
}

/** Nothing more comes once nothing has for so long. */
const quietMs = 300;

export async function followBurst(measured: MeasuredFlow): Promise<void> {
  const burst = new Burst(measured);
  const lines = createInterface({ input: process.stdin });
  const before = await burst.caughtUp;
  process.stdout.write("following\n");
  const [line] = (await once(lines, "line")) as [string];
  lines.close();
  const landed = { before, ...(await burst.landed(Number(line))) };
  process.stdout.write(`${JSON.stringify(landed satisfies Landed)}\n`);
  await burst.end();
}

class Burst {
  readonly #measured: MeasuredFlow;
  readonly #updater: LiveUpdater;
  readonly #rows = new Set<string>();
  readonly caughtUp: Promise<Counts>;
  #lastAt = 0;

  constructor(measured: MeasuredFlow) {
    this.#measured = measured;
    const { promise, resolve, reject } = deferred<void>();
    this.caughtUp = promise.then(() => this.#counts());
    this.#updater = measured.flow.liveUpdate({
      allowDeletions: true,
      report: (event) => this.#hear(event, resolve),
    });
    this.#updater.wait().catch(reject);
  }

  async landed(files: number): Promise<Omit<Landed, "before">> {
    while (this.#rows.size < files || this.#isBusy())
      await new Promise((resolve) => setTimeout(resolve, quietMs));
    return { atMs: this.#lastAt, after: this.#counts() };
  }

  end(): Promise<void> {
    return this.#updater.abort();
  }

  #hear(event: EngineEvent, caughtUp: () => void): void {
    this.#measured.hear(event);
    if (event.kind === "caught-up") caughtUp();
    if (event.kind !== "row-done" || event.lagMs === undefined) return;
    this.#rows.add(event.row);
    this.#lastAt = monotonicMs();
  }

  #isBusy(): boolean {
    const { info, sources } = this.#updater.updateStats();
    const isWaiting = sources.pages!.waiting > 0 || info.sources.pages!.inFlight > 0;
    return isWaiting || monotonicMs() - this.#lastAt < quietMs;
  }

  #counts(): Counts {
    return this.#measured.counts(this.#updater.updateStats().info);
  }
}

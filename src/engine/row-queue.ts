import type { Semaphore } from "../kernel/semaphore.ts";
import type { Run } from "./run.ts";

/** What starting rows needs. */
type QueueingRun = Pick<Run, "rows" | "signal" | "tally">;

/** Rows of one source that are being processed, bounded by the limits of the source and of the process. */
export class RowQueue {
  readonly #run: QueueingRun;
  readonly #source: string;
  readonly #own: Semaphore | null;
  readonly #underWay = new Set<Promise<void>>();
  #fatal: unknown = null;

  /** `own` is the source's own limit. */
  constructor(run: QueueingRun, source: string, own: Semaphore | null = null) {
    this.#run = run;
    this.#source = source;
    this.#own = own;
  }

  /**
   * Starts work on a row; returns a promise only where too much is in flight. An urgent row goes before others that
   * wait. Throws what ended the update.
   */
  start(work: () => Promise<void>, urgent = false): undefined | Promise<void> {
    if (this.#fatal !== null) throw this.#fatal;
    const ownTaken = this.#own === null || this.#own.tryTake(1, urgent);
    if (ownTaken && this.#run.rows.tryTake(1, urgent)) {
      this.#track(work);
      return;
    }
    return this.#startWhenFree(work, ownTaken, urgent);
  }

  /** Waits for every row that was started. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    if (this.#fatal !== null) throw this.#fatal;
  }

  async #startWhenFree(work: () => Promise<void>, ownTaken: boolean, urgent: boolean): Promise<void> {
    const { rows, signal } = this.#run;
    if (!ownTaken) await this.#own!.take(1, signal, urgent);
    await rows.take(1, signal, urgent);
    this.#track(work);
  }

  #track(work: () => Promise<void>): void {
    const stats = this.#run.tally.source(this.#source);
    stats.inFlight++;
    const done = work()
      .catch((thrown: unknown) => {
        this.#fatal ??= thrown;
      })
      .finally(() => {
        stats.inFlight--;
        this.#run.rows.release();
        this.#own?.release();
        this.#underWay.delete(done);
      });
    this.#underWay.add(done);
  }
}

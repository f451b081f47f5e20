import type { SourceId } from "../../contracts/state-store.ts";
import { WakeUp } from "../../kernel/wake-up.ts";
import { decodeFailureRecord, type FailureRecord } from "../failure-record.ts";
import type { Run } from "../run.ts";
import { unavailableCodes } from "../target-errors.ts";

export interface FailedRowsOptions {
  readonly run: Run;
  readonly sources: ReadonlyMap<SourceId, { look(key: Uint8Array): void }>;
  /** Settles target keys that are owed something. */
  settle(): Promise<void>;
}

/** Nothing that fails is tried again before. */
const soonestMs = 5_000;
/** A look at all failures takes time of the store: the rests between are so many times as long. */
const restPerWork = 10;
const shortestRestMs = 1_000;
/** The wall clock may be set, so that no wait for a time of it is longer. */
const longestWaitMs = 60_000;

/** Tries what failed again: each row when its time has come, and those of a target that was down as soon as it is back. */
export class FailedRows {
  readonly #options: FailedRowsOptions;
  readonly #wake = new WakeUp();
  /** When the next of them is to be tried, by the wall clock. */
  #dueAt = Number.POSITIVE_INFINITY;
  /** When one row is tried to see whether a target is back, by the wall clock. */
  #probeAt = Number.POSITIVE_INFINITY;
  /** A target is back since all that failed was looked at last, or since that began. */
  #recovered = false;
  #recovering = false;

  constructor(options: FailedRowsOptions) {
    this.#options = options;
  }

  /** Something has failed. */
  noteFailure(): void {
    this.note(this.#options.run.clock.now() + soonestMs);
  }

  /** Something is due then, in milliseconds since the Unix epoch. */
  note(at: number): void {
    if (at >= this.#dueAt) return;
    this.#dueAt = at;
    this.#wake.call();
  }

  /** A target takes no writes for so long. */
  probeIn(ms: number): void {
    this.#probeAt = this.#options.run.clock.now() + ms;
    this.note(this.#probeAt);
  }

  /** A target takes writes again. */
  recovered(): void {
    this.#recovered = true;
    this.#probeAt = Number.POSITIVE_INFINITY;
    this.note(this.#options.run.clock.now());
  }

  /** Tries what is due whenever it is, until the run stops. */
  async keepTrying(): Promise<void> {
    const { clock, signal } = this.#options.run;
    while (!signal.aborted) {
      const waitMs = this.#dueAt - clock.now();
      if (waitMs > 0) {
        await this.#wake.wait(clock, Math.min(waitMs, longestWaitMs), signal);
        continue;
      }
      this.#dueAt = Number.POSITIVE_INFINITY;
      const began = clock.monotonic();
      await this.#tryDue();
      const restMs = Math.max(shortestRestMs, (clock.monotonic() - began) * restPerWork);
      await clock.sleep(restMs, signal).catch(() => {});
    }
  }

  async #tryDue(): Promise<void> {
    const { run, sources, settle } = this.#options;
    this.#recovering = this.#recovered;
    this.#recovered = false;
    for (const [id, source] of sources) {
      for await (const { key, failure } of run.store.readFailures(run.flow, id)) {
        if (run.signal.aborted) return;
        if (this.isDue(decodeFailureRecord(failure))) source.look(key);
      }
    }
    await settle();
    this.#recovering = false;
    // Where nothing is left to try it with, nobody waits for the target.
    if (this.#probeAt <= run.clock.now()) this.#probeAt = Number.POSITIVE_INFINITY;
    this.note(this.#probeAt);
  }

  /** Whether what failed so is to be tried now; else it is when its time has come. */
  isDue({ code, nextAt }: FailureRecord): boolean {
    const now = this.#options.run.clock.now();
    if (nextAt <= now) return true;
    if (unavailableCodes.has(code)) {
      if (this.#recovering) return true;
      if (now >= this.#probeAt) {
        this.#probeAt = Number.POSITIVE_INFINITY;
        return true;
      }
    }
    this.note(nextAt);
    return false;
  }
}

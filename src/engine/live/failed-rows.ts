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
  /** When one row is tried to see whether a kind of target is back, by the wall clock. */
  readonly #probes = new Map<string, number>();
  /** Kinds that are back since all that failed was looked at last, and those that were when that began. */
  #recovered = new Set<string>();
  #recovering: ReadonlySet<string> = new Set();

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

  /** A kind of target takes no writes for so long. */
  probeIn(kind: string, ms: number): void {
    this.#probe(kind, this.#options.run.clock.now() + ms);
  }

  /** It takes writes again. */
  recovered(kind: string): void {
    this.#recovered.add(kind);
    this.#probes.delete(kind);
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
    this.#recovered = new Set();
    for (const [id, source] of sources) {
      for await (const { key, failure } of run.store.readFailures(run.flow, id)) {
        if (run.signal.aborted) return;
        if (this.isDue(decodeFailureRecord(failure))) source.look(key);
      }
    }
    await settle();
    this.#recovering = new Set();
    for (const [kind, at] of this.#probes) {
      // Where nothing is left to try it with, nobody waits for the target.
      if (at <= run.clock.now()) this.#probes.delete(kind);
      else this.note(at);
    }
  }

  /** Whether what failed so is to be tried now; else it is when its time has come. */
  isDue({ code, nextAt, where }: FailureRecord): boolean {
    if (nextAt <= this.#options.run.clock.now()) return true;
    if (unavailableCodes.has(code) && this.#isBack(where.target)) return true;
    this.note(nextAt);
    return false;
  }

  /** Whether the target is back, or this is to tell. */
  #isBack(target: string | undefined): boolean {
    const { run } = this.#options;
    const kind = run.plan.exports.find(({ name }) => name === target)?.definition.kind;
    if (kind === undefined) return false;
    if (this.#recovering.has(kind)) return true;
    const now = run.clock.now();
    if (now < (this.#probes.get(kind) ?? Number.POSITIVE_INFINITY)) return false;
    // It may come to no write at all, and then another is tried.
    this.#probe(kind, now + longestWaitMs);
    return true;
  }

  #probe(kind: string, at: number): void {
    this.#probes.set(kind, at);
    this.note(at);
  }
}

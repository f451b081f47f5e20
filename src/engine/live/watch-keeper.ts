import type { WatcherStats } from "../../contracts/live.ts";
import type { ChangeEvent, WatchOptions } from "../../contracts/source.ts";
import { SluiceError, toSluiceError } from "../../errors/index.ts";
import { abortableIteration } from "../../kernel/abortable-iteration.ts";
import { type Backoff, backoffMs } from "../../kernel/backoff.ts";
import { deferred } from "../../kernel/deferred.ts";
import { onAbort } from "../../kernel/on-abort.ts";
import type { PlannedSource } from "../../plan/index.ts";
import type { Run } from "../run.ts";

export interface WatchKeeperOptions {
  readonly run: Pick<Run, "clock" | "random" | "signal" | "tally" | "plan">;
  readonly source: PlannedSource;
  readonly connection: unknown;
  /** Takes changes; resolves when there is room for more. */
  tell(changes: readonly ChangeEvent<unknown, unknown>[]): Promise<void>;
  /** Changes may have been missed: the source is to be listed. */
  list(reason: "restart" | "missed" | "caution"): void;
  /** It has become degraded, or is so no more. */
  degradedChanged(): void;
}

/** The waits before a watcher is started again. */
const waits: Backoff = { initialDelayMs: 500, factor: 2, maxDelayMs: 60_000, jitter: true };
/** The first listing waits no longer for a watcher. */
const longestArmingMs = 60_000;
/** So many changes are taken before others have their turn. */
const toldInTurn = 1_024;
/** One that worked for so long has not failed before. */
const soundMs = 60_000;

/** Keeps a source watched: starts its watcher again when it dies or gives no sign of life. */
export class WatchKeeper {
  readonly #options: WatchKeeperOptions;
  readonly #firstArmed = deferred<void>();
  #phase: "arming" | "armed" | "waiting" = "arming";
  #restarts = 0;
  #lastSignAt: number | null = null;
  /** By the monotonic clock. */
  #lastSign = 0;
  /** What was told waits for room, so that silence is not the watcher's. */
  #waitsForRoom = false;
  /** Why not every change is noticed. */
  #degraded: SluiceError | null = null;
  /** What ended the one before. */
  #ended: SluiceError | null = null;
  /** Whether the source may have been listed. */
  #tried = false;

  constructor(options: WatchKeeperOptions) {
    this.#options = options;
  }

  get stats(): WatcherStats {
    const armed = this.#phase === "armed";
    return {
      state: this.#phase !== "armed" ? this.#phase : this.#degraded ? "degraded" : "watching",
      restarts: this.#restarts,
      lastSignAt: this.#lastSignAt,
      error: armed ? this.#degraded : this.#ended,
    };
  }

  /** Whether changes are not noticed: of some rows, or of all while it is not armed. */
  get degraded(): boolean {
    return this.#phase !== "armed" || this.#degraded !== null;
  }

  /**
   * Resolves when the watcher is armed for the first time, could not be, or takes too long: the source can then be
   * listed. Once it is armed after that, it is listed again.
   */
  async untilArmed(): Promise<void> {
    const { clock, signal } = this.#options.run;
    const waited = new AbortController();
    const forget = onAbort(signal, () => waited.abort());
    const slept = clock.sleep(longestArmingMs, waited.signal).catch(() => {});
    await Promise.race([this.#firstArmed.promise, slept]);
    forget();
    waited.abort();
    this.#tried = true;
  }

  /** Watches until the run stops. */
  async keep(): Promise<void> {
    const { run, source } = this.#options;
    const { clock, signal, random, tally } = run;
    for (let failures = 1; !signal.aborted; failures++) {
      const began = clock.monotonic();
      const error = await this.#watch();
      if (signal.aborted) break;
      if (clock.monotonic() - began > soundMs) failures = 1;
      const restartMs = backoffMs(waits, failures, random);
      this.#phase = "waiting";
      this.#ended = error;
      this.#options.degradedChanged();
      tally.report({ kind: "watch-ended", source: source.name, restartMs, error });
      this.#passFirst();
      await clock.sleep(restartMs, signal).catch(() => {});
      this.#restarts++;
    }
    this.#passFirst();
  }

  #passFirst(): void {
    this.#tried = true;
    this.#firstArmed.resolve();
  }

  /** Resolves to what ended the watcher. */
  async #watch(): Promise<SluiceError> {
    const { run, source } = this.#options;
    const own = new AbortController();
    const forget = onAbort(run.signal, () => own.abort(run.signal.reason));
    this.#phase = "arming";
    this.#degraded = null;
    this.#sign();
    const pumping = this.#pump(own.signal);
    pumping.catch(() => {});
    try {
      await Promise.race([pumping, this.#silence(own.signal)]);
      throw new SluiceError("watch-failed", "the watcher ended by itself");
    } catch (thrown) {
      const where = { flow: run.plan.flow, source: source.name };
      return toSluiceError(thrown, "watch-failed").at(where);
    } finally {
      forget();
      own.abort(new SluiceError("interrupted", "the watcher is given up"));
    }
  }

  async #pump(signal: AbortSignal): Promise<void> {
    const { run, source, connection, tell } = this.#options;
    let told = 0;
    const changes = source.definition.watch!(connection, this.#watchOptions(signal));
    for await (const some of abortableIteration(changes, signal)) {
      this.#sign();
      if (some.length === 0) continue;
      this.#waitsForRoom = true;
      await tell(some);
      told += some.length;
      // One that always has more at hand would leave no turn to the rows that it tells of.
      if (told >= toldInTurn) {
        told = 0;
        await run.clock.idle();
      }
      this.#waitsForRoom = false;
      this.#sign();
    }
  }

  /** What one that was given up says counts no more. */
  #watchOptions(signal: AbortSignal): WatchOptions {
    const { run, source, list } = this.#options;
    const unlessGivenUp =
      <A extends readonly unknown[]>(say: (...given: A) => void) =>
      (...given: A) => {
        if (signal.aborted) return;
        this.#sign();
        say(...given);
      };
    return {
      signal,
      armed: unlessGivenUp(() => this.#armed()),
      alive: unlessGivenUp(() => {}),
      missed: unlessGivenUp((reason) => {
        if (reason === null) return list("caution");
        run.tally.report({ kind: "changes-missed", source: source.name, reason });
        list("missed");
      }),
      degraded: unlessGivenUp((reason) => this.#degrade(reason)),
    };
  }

  #armed(): void {
    const { run, source, list, degradedChanged } = this.#options;
    if (this.#phase === "armed") return;
    this.#phase = "armed";
    run.tally.report({ kind: "watch-armed", source: source.name });
    if (this.#tried) list("restart");
    this.#passFirst();
    degradedChanged();
  }

  #degrade(reason: unknown): void {
    const { run, source, list, degradedChanged } = this.#options;
    const where = { flow: run.plan.flow, source: source.name };
    const error = reason === null ? null : toSluiceError(reason, "watch-degraded", { where });
    if (error === null && this.#degraded === null) return;
    this.#degraded = error;
    run.tally.report({ kind: "watch-degraded", source: source.name, error });
    degradedChanged();
    // What happened since the last listing was not noticed.
    if (error === null) list("missed");
  }

  #sign(): void {
    const { clock } = this.#options.run;
    this.#lastSign = clock.monotonic();
    this.#lastSignAt = clock.now();
  }

  /** Rejects when the watcher has given no sign of life for too long. */
  async #silence(signal: AbortSignal): Promise<never> {
    const { run, source } = this.#options;
    const longestMs = source.definition.watchHeartbeatMs;
    for (;;) {
      const silentMs = run.clock.monotonic() - this.#lastSign;
      if (this.#waitsForRoom) this.#lastSign = run.clock.monotonic();
      else if (silentMs >= longestMs)
        throw new SluiceError("watch-silent", `the watcher gave no sign of life for ${longestMs} ms`);
      await run.clock.sleep(Math.max(1, longestMs - silentMs), signal);
    }
  }
}

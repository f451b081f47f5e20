import type { ListingReason } from "../../contracts/events.ts";
import type { LiveSourceState, LiveSourceStats } from "../../contracts/live.ts";
import type { ChangeEvent } from "../../contracts/source.ts";
import type { SourceId } from "../../contracts/state-store.ts";
import type { SluiceError } from "../../errors/index.ts";
import { type Backoff, backoffMs } from "../../kernel/backoff.ts";
import { type Deferred, deferred } from "../../kernel/deferred.ts";
import type { KeyLocks } from "../../kernel/key-locks.ts";
import { WakeUp } from "../../kernel/wake-up.ts";
import type { PlannedSource } from "../../plan/index.ts";
import { failedKeys } from "../kept-failures.ts";
import { SourcePass } from "../pass.ts";
import type { Run } from "../run.ts";
import type { Heirs } from "../settle-owed.ts";
import { SourceRows } from "../source-rows.ts";
import type { TargetIndex } from "../target-index.ts";
import { ChangeRunner } from "./change-runner.ts";
import { WatchKeeper } from "./watch-keeper.ts";

export interface LiveSourceOptions {
  readonly run: Run;
  readonly source: PlannedSource;
  readonly id: SourceId;
  readonly targets: TargetIndex;
  readonly turns: KeyLocks;
  /** Whether its changes are to be followed. */
  readonly follow: boolean;
  /** A listing has ended. */
  listed(source: string): void;
  /** Told of what ends the live update. */
  failed(thrown: unknown): void;
}

/** The waits before a source that could not be opened or listed is tried again. */
const retryWaits: Backoff = { initialDelayMs: 1_000, factor: 2, maxDelayMs: 60_000, jitter: true };
/** How often a source is listed while its watcher does not notice every change. */
const degradedIntervalMs = 30_000;

/** What is there once a source is open. */
interface Opened {
  readonly rows: SourceRows;
  readonly runner: ChangeRunner;
  readonly watcher: WatchKeeper | null;
}

/** A source of a live update: watched where it can be, and listed whenever there is reason to. */
export class LiveSource implements Heirs {
  readonly #options: LiveSourceOptions;
  readonly #firstPass = deferred<void>();
  /** Why it is to be listed, in the order in which that was found. */
  readonly #reasons = new Set<ListingReason>();
  /** Who waits for the next listing that begins. */
  #waiters: Deferred<void>[] = [];
  /** Ends the wait for a reason. */
  readonly #wake = new WakeUp();
  #opened: Opened | null = null;
  #state: LiveSourceState = "starting";
  #counts = { changes: 0, listings: 0, overruns: 0 };
  #lastChangeAt: number | null = null;
  #lastListedAt: number | null = null;
  #error: SluiceError | null = null;
  #complete = false;
  /** When the last listing began, by the monotonic clock; null before the first. */
  #listedFrom: number | null = null;
  /** Attempts in a row that failed to open or list it. */
  #failures = 0;
  /** When it is listed again for reasons of time, by the monotonic clock. */
  #dueAt = Number.POSITIVE_INFINITY;
  #dueFor: ListingReason = "refresh";

  constructor(options: LiveSourceOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.source.name;
  }

  /** Whether the last listing was complete, and nothing of it is held. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Whether anything tells of its changes. */
  get isFollowed(): boolean {
    return this.#isWatched || this.#intervalMs !== null;
  }

  /** Resolves when its first listing has ended, or it could not be listed. */
  get firstPass(): Promise<void> {
    return this.#firstPass.promise;
  }

  stats(): LiveSourceStats {
    return {
      state: this.#options.run.signal.aborted ? "ended" : this.#state,
      watcher: this.#opened?.watcher?.stats ?? null,
      refreshIntervalMs: this.#intervalMs,
      ...this.#counts,
      waiting: this.#opened?.runner.waitingRows ?? 0,
      failing: this.#opened?.rows.failing ?? 0,
      lastChangeAt: this.#lastChangeAt,
      lastListedAt: this.#lastListedAt,
      lagMs: this.#opened?.runner.lagMs ?? null,
      error: this.#error,
    };
  }

  /** Follows the source until the run stops. */
  async follow(): Promise<void> {
    try {
      await this.#open();
      const watching = this.#opened?.watcher?.keep().catch(this.#options.failed);
      await this.#opened?.watcher?.untilArmed();
      // It looks at all that there is, whatever else there was reason to look for.
      this.#reasons.clear();
      this.#reasons.add("start");
      while (!this.#stopped) await this.#listOnce();
      await watching;
    } finally {
      this.#firstPass.resolve();
      this.#release();
    }
  }

  /** Resolves when a listing that begins after this has ended, whatever came of it. */
  list(reason: ListingReason): Promise<void> {
    const waiter = deferred<void>();
    this.#waiters.push(waiter);
    this.#request(reason);
    return this.#stopped ? Promise.resolve() : waiter.promise;
  }

  /** Resolves once no change waits or is worked on. */
  async whenIdle(): Promise<void> {
    await this.#opened?.runner.whenIdle();
  }

  /** Why it could not be opened or listed, as it was reported. */
  noteIncomplete(error: SluiceError): void {
    this.#error = error;
  }

  /** Has a row looked at again, after all changes that were told. */
  look(key: Uint8Array): void {
    void this.#opened?.runner.look(key);
  }

  /** Runs the rows that failed. */
  async retryFailed(): Promise<void> {
    const { run, id } = this.#options;
    await this.#pass()?.revisit(failedKeys(run.store, run.flow, id));
  }

  async settleRows(keys: Iterable<Uint8Array>, owed: ReadonlySet<number>): Promise<void> {
    await this.#pass()?.settleRows(keys, owed);
  }

  rowText(key: Uint8Array): string {
    return this.#opened!.rows.rowText(key);
  }

  reportFailure(key: Uint8Array, error: SluiceError): void {
    this.#opened?.rows.reportFailure(key, error);
  }

  get isOpen(): boolean {
    return this.#opened !== null;
  }

  /** Whether rows may turn up any moment that were there all the time. */
  get isListing(): boolean {
    return this.#state === "starting" || this.#state === "listing";
  }

  /** Whether its changes are followed now. */
  get isActive(): boolean {
    return !this.#stopped && (this.isFollowed || this.#state !== "ended");
  }

  /** Waits for rows that are worked on, after the run was stopped. */
  async settle(): Promise<void> {
    await this.#opened?.runner.settle();
  }

  async close(): Promise<void> {
    await this.#opened?.rows.close();
  }

  get #isWatched(): boolean {
    const { follow, source } = this.#options;
    return follow && source.definition.watches(source.spec);
  }

  get #intervalMs(): number | null {
    const { follow, source } = this.#options;
    return follow ? source.step.options.refreshIntervalMs : null;
  }

  get #stopped(): boolean {
    return this.#options.run.signal.aborted;
  }

  #pass(): SourcePass | null {
    const opened = this.#opened;
    return opened && new SourcePass(opened.rows, opened.runner);
  }

  async #open(): Promise<void> {
    const { run, source } = this.#options;
    run.tally.report({ kind: "source-started", source: source.name });
    while (!this.#stopped) {
      const rows = await SourceRows.open(this.#options);
      if (rows) {
        this.#opened = this.#openedWith(rows);
        this.#recover("starting");
        return;
      }
      this.#release();
      this.#firstPass.resolve();
      this.#failedAgain();
      await this.#nextReason();
    }
  }

  #openedWith(rows: SourceRows): Opened {
    const { run, source, turns, failed } = this.#options;
    const runner = new ChangeRunner({ rows, turns, failed });
    if (!this.#isWatched) return { rows, runner, watcher: null };
    const watcher = new WatchKeeper({
      run,
      source,
      connection: rows.connection,
      tell: (changes) => this.#tell(runner, changes),
      list: (reason) => this.#request(reason),
      degradedChanged: () => this.#schedule(),
    });
    return { rows, runner, watcher };
  }

  #tell(runner: ChangeRunner, changes: readonly ChangeEvent<unknown, unknown>[]): Promise<void> {
    const { run } = this.#options;
    this.#counts.changes += changes.length;
    this.#lastChangeAt = run.clock.now();
    run.tally.report({ kind: "changes-told", source: this.name, changes: changes.length });
    return runner.tell(changes);
  }

  #request(reason: ListingReason): void {
    this.#reasons.add(reason);
    this.#wake.call();
  }

  async #listOnce(): Promise<void> {
    const reason = await this.#nextReason();
    if (reason === null) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    try {
      await this.#list(reason);
    } finally {
      for (const waiter of waiters) waiter.resolve();
      this.#firstPass.resolve();
    }
  }

  /** Waits until there is a reason to list the source; null when the run stops. All reasons there are are met by it. */
  async #nextReason(): Promise<ListingReason | null> {
    const { run } = this.#options;
    while (!this.#stopped) {
      if (run.clock.monotonic() >= this.#dueAt) this.#reasons.add(this.#dueFor);
      const [first] = this.#reasons;
      const reason = this.#reasons.has("asked") ? "asked" : first;
      if (reason) {
        this.#reasons.clear();
        return reason;
      }
      await this.#wake.wait(run.clock, this.#dueAt - run.clock.monotonic(), run.signal);
    }
    return null;
  }

  async #list(reason: ListingReason): Promise<void> {
    const { run, listed } = this.#options;
    const { runner } = this.#opened!;
    const began = run.clock.monotonic();
    this.#listedFrom = began;
    this.#state = "listing";
    run.tally.report({ kind: "listing-started", source: this.name, reason });
    runner.listingBegins(reason !== "start" && reason !== "asked");
    const pass = this.#pass()!;
    try {
      await pass.list();
    } catch (thrown) {
      if (!this.#stopped) throw thrown;
    } finally {
      await runner.listingEnded({ removed: pass.complete });
    }
    if (this.#stopped) return;
    this.#ended(pass, began);
    listed(this.name);
  }

  #ended(pass: SourcePass, began: number): void {
    const { run } = this.#options;
    const now = run.clock.monotonic();
    const intervalMs = this.#intervalMs;
    this.#counts.listings++;
    this.#lastListedAt = run.clock.now();
    this.#complete = pass.complete;
    if (intervalMs !== null && now - began > intervalMs) {
      this.#counts.overruns++;
      run.tally.report({ kind: "refresh-overrun", source: this.name, tookMs: now - began, intervalMs });
    }
    if (pass.complete || pass.held) this.#recover(this.isFollowed ? "following" : "ended");
    else this.#failedAgain();
    this.#schedule();
  }

  #recover(state: LiveSourceState): void {
    this.#failures = 0;
    this.#error = null;
    this.#state = state;
  }

  #failedAgain(): void {
    const { run } = this.#options;
    this.#failures++;
    this.#state = "retrying";
    this.#dueAt = run.clock.monotonic() + backoffMs(retryWaits, this.#failures, run.random);
    this.#dueFor = "retry";
  }

  /** When it is listed next, if there is no other reason before. */
  #schedule(): void {
    if (this.#failures > 0 || this.#listedFrom === null) return;
    const { run } = this.#options;
    const refreshIntervalMs = this.#intervalMs;
    const degraded = this.#opened?.watcher?.degraded ? degradedIntervalMs : Number.POSITIVE_INFINITY;
    const intervalMs = Math.min(refreshIntervalMs ?? Number.POSITIVE_INFINITY, degraded);
    this.#dueFor = intervalMs === refreshIntervalMs ? "refresh" : "missed";
    // Intervals that have passed meanwhile are left out, so that a listing never follows on its own heels.
    const missed = Math.floor((run.clock.monotonic() - this.#listedFrom) / intervalMs);
    this.#dueAt = Number.isFinite(intervalMs) ? this.#listedFrom + intervalMs * (missed + 1) : intervalMs;
    this.#wake.call();
  }

  /** Nobody is kept waiting for a listing that is not to come. */
  #release(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }
}

import type { EngineEvent, Report, UpdateInfo } from "../../contracts/events.ts";
import type { LiveStats, LiveStatus } from "../../contracts/live.ts";
import { isSluiceError, SluiceError } from "../../errors/index.ts";
import { allOf } from "../../kernel/all-of.ts";
import { deferred } from "../../kernel/deferred.ts";
import { onAbort } from "../../kernel/on-abort.ts";
import type { AllowedDeletions } from "../deletion-guard.ts";
import type { Forcing } from "../run.ts";
import { Tally } from "../tally.ts";
import type { UpdateOptions } from "../update-options.ts";
import type { LiveSource } from "./live-source.ts";
import { type LiveWork, openLiveWork } from "./live-work.ts";
import { StatusBoard } from "./status-board.ts";

export interface LiveOptions extends Omit<UpdateOptions, "rows"> {
  /** Whether changes are followed once all sources were passed over; false: it then ends. */
  readonly follow: boolean;
  /** Clears away what is of no use any more; called now and then, after work was done. */
  tidy(): Promise<void>;
}

/** What one pass over all sources is asked for while changes are followed. */
export interface PassRequest {
  readonly forcing: Forcing;
  readonly allowDeletions: AllowedDeletions;
  /** Only rows that failed. */
  readonly retryFailed: boolean;
  readonly report: Report;
}

/** Who is told of events. */
interface Listener {
  readonly report: Report;
  /** What it threw first. */
  failure: { readonly thrown: unknown } | null;
}

const noForcing: Forcing = { reexport: false, fullReprocess: false };
/** How often what is of no use any more is cleared away. */
const tidyIntervalMs = 3_600_000;
/** How often a lease that ends by time is prolonged. */
const leaseIntervalMs = 5_000;

/** A live update: an update, then changes as they come, until it is stopped or no source can be followed. */
export class LiveRun {
  readonly #options: LiveOptions;
  readonly #stop = new AbortController();
  readonly #tally: Tally;
  readonly #board: StatusBoard;
  readonly #listener: Listener;
  /** Those of passes among them. */
  readonly #listeners: Set<Listener>;
  readonly #opened = deferred<void>();
  readonly #caughtUp = deferred<void>();
  #state: LiveStats["state"] = "starting";
  #work: LiveWork | null = null;
  #fatal: { readonly thrown: unknown } | null = null;
  /** Passes that were asked for, one after the other. */
  #passes: Promise<unknown> = Promise.resolve();
  /** The rows that a pass has at work, which land before the end though nobody waits for the pass any more. */
  #asked: Promise<unknown> = Promise.resolve();
  #untidy = false;

  constructor(options: LiveOptions) {
    const { plan, clock } = options;
    const began = clock.monotonic();
    this.#options = options;
    this.#listener = { report: options.report, failure: null };
    this.#listeners = new Set([this.#listener]);
    this.#tally = new Tally(
      plan,
      (event) => this.#hear(event),
      () => clock.monotonic() - began,
    );
    this.#board = new StatusBoard({ clock, active: () => this.#active() });
    this.#opened.promise.catch(() => {});
    this.#caughtUp.promise.catch(() => {});
    onAbort(options.signal, () => this.stop());
  }

  /** Resolves when sources are being updated; rejects where it does not come to that. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Whether it is to stop, or is over. */
  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Stops it: rows that are staged land, others are left to the next update. */
  stop(): void {
    if (this.#stop.signal.aborted) return;
    if (this.#state !== "ended") this.#state = "stopping";
    this.#stop.abort(stopped());
  }

  stats(): LiveStats {
    const sources = [...(this.#work?.sources.values() ?? [])].map(
      (source) => [source.name, source.stats()] as const,
    );
    return {
      flow: this.#options.plan.flow,
      state: this.#state,
      info: this.#tally.info(),
      sources: Object.fromEntries(sources),
    };
  }

  nextStatus(): Promise<LiveStatus> {
    return this.#board.next();
  }

  /** Runs until it is stopped, or nothing tells of changes any more. Resolves to what was done. */
  async run(): Promise<UpdateInfo> {
    this.#tally.report({ kind: "update-started", flow: this.#options.plan.flow });
    try {
      const options = { ...this.#options, rows: null, signal: this.#stop.signal };
      const failed = (thrown: unknown) => this.#failed(thrown);
      const listed = (source: string) => this.#board.updated(source);
      const { follow } = this.#options;
      this.#work = await openLiveWork(options, { follow, tally: this.#tally, failed, listed });
      await this.#follow(this.#work);
    } catch (thrown) {
      this.#failed(thrown);
    }
    return this.#end();
  }

  /** One pass over all sources, beside the changes that come. Resolves to what was done meanwhile. */
  update(request: PassRequest): Promise<UpdateInfo> {
    const pass = this.#passes.then(() => this.#pass(request));
    this.#passes = pass.catch(() => {});
    return pass;
  }

  async #follow(work: LiveWork): Promise<void> {
    const { settling, failedRows } = work;
    const sources = [...work.sources.values()];
    const loops = [
      ...sources.map((source) => source.follow()),
      settling.keepSettling(),
      failedRows.keepTrying(),
      this.#keepTidy(),
      this.#keepLease(work),
    ].map((loop) => loop.catch((thrown: unknown) => this.#failed(thrown)));
    if (!this.#stop.signal.aborted) this.#state = "updating";
    this.#opened.resolve();
    try {
      await this.#untilStopped(Promise.all(sources.map(({ firstPass }) => firstPass)));
      if (!this.#stop.signal.aborted) await this.#catchUp(work);
      if (sources.some(({ isFollowed }) => isFollowed)) await this.#untilStopped();
      else await this.#passes;
    } finally {
      this.stop();
      await Promise.all(loops);
      await this.#asked;
      await work.close();
    }
  }

  async #catchUp({ run, settling }: LiveWork): Promise<void> {
    await settling.finishPass();
    run.forcing = noForcing;
    if (this.#stop.signal.aborted) return;
    this.#state = "following";
    this.#tally.report({ kind: "caught-up", info: this.#tally.info() });
    this.#caughtUp.resolve();
    await this.#tidy();
  }

  async #pass(request: PassRequest): Promise<UpdateInfo> {
    await this.#caughtUp.promise;
    this.#stop.signal.throwIfAborted();
    const { run, sources, settling } = this.#work!;
    const { allowDeletions } = run;
    const window = this.#tally.open();
    const listener: Listener = { report: request.report, failure: null };
    this.#listeners.add(listener);
    tell(listener, { kind: "update-started", flow: run.plan.flow });
    run.forcing = request.forcing;
    run.allowDeletions = request.allowDeletions;
    try {
      const all = [...sources.values()];
      const looked = all.map((source) => (request.retryFailed ? source.retryFailed() : source.list("asked")));
      const asked = allOf(looked);
      this.#asked = asked.catch(() => {});
      await asked;
      await settling.finishPass();
      this.#stop.signal.throwIfAborted();
      const info = window.info();
      tell(listener, { kind: "update-finished", info });
      if (listener.failure) throw listener.failure.thrown;
      return info;
    } finally {
      run.forcing = noForcing;
      run.allowDeletions = allowDeletions;
      this.#listeners.delete(listener);
      window.close();
    }
  }

  #end(): UpdateInfo {
    this.stop();
    this.#state = "ended";
    const error = this.#fatal ? this.#fatal.thrown : stopped();
    this.#opened.reject(error);
    this.#caughtUp.reject(error);
    this.#board.end();
    if (this.#fatal) throw this.#fatal.thrown;
    const info = this.#tally.info();
    this.#tally.report({ kind: "update-finished", info });
    if (this.#listener.failure) throw this.#listener.failure.thrown;
    return info;
  }

  /** What the store or a bug ends it with. */
  #failed(thrown: unknown): void {
    const byStop = this.stopped && isSluiceError(thrown) && thrown.code === "interrupted";
    if (!byStop) this.#fatal ??= { thrown };
    this.stop();
  }

  #hear(event: EngineEvent): void {
    if (event.kind === "row-done" && event.outcome !== "unchanged") {
      this.#untidy = true;
      this.#board.updated(event.source);
      if (this.#work?.settling.unfinished) this.#work.settling.wake();
    }
    if (event.kind === "row-failed" || event.kind === "key-failed") this.#work?.failedRows.noteFailure();
    // What was computed for it, and stayed while it was in flight, may be of no use to any row.
    if (event.kind === "row-failed") this.#untidy = true;
    if (event.kind === "source-incomplete") this.#sourceNamed(event.source)?.noteIncomplete(event.error);
    for (const listener of this.#listeners) tell(listener, event);
  }

  #sourceNamed(name: string): LiveSource | undefined {
    return [...(this.#work?.sources.values() ?? [])].find((source) => source.name === name);
  }

  #active(): readonly string[] {
    const followed = [...(this.#work?.sources.values() ?? [])].filter((source) => source.isActive);
    return followed.map(({ name }) => name);
  }

  async #keepTidy(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await clock.sleep(tidyIntervalMs, signal).catch(() => {});
      if (!signal.aborted) await this.#tidy();
    }
  }

  async #tidy(): Promise<void> {
    if (!this.#untidy) return;
    this.#untidy = false;
    await this.#options.tidy();
  }

  /** A lease that ends by time is prolonged by writes, and there may be none for long. */
  async #keepLease({ run }: LiveWork): Promise<void> {
    const { clock, store } = this.#options;
    const { signal } = this.#stop;
    while (store.capabilities.timedLeases && !signal.aborted) {
      await clock.sleep(leaseIntervalMs, signal).catch(() => {});
      if (!signal.aborted) await run.landing.alone(() => store.write({ fence: this.#options.fence() }));
    }
  }

  /** Or until something else has come to pass. */
  async #untilStopped(other?: Promise<unknown>): Promise<void> {
    const over = deferred<void>();
    const forget = onAbort(this.#stop.signal, () => over.resolve());
    await (other ? Promise.race([over.promise, other]) : over.promise);
    forget();
  }
}

function stopped(): SluiceError {
  return new SluiceError("interrupted", "the live update was stopped");
}

/** One that throws keeps nothing from the others. */
function tell(listener: Listener, event: EngineEvent): void {
  try {
    listener.report(event);
  } catch (thrown) {
    listener.failure ??= { thrown };
  }
}

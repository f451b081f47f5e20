import { getEventListeners } from "node:events";
import type { LiveStats } from "../../../src/index.ts";
import type { FlowShape } from "../flow-shape.ts";
import type { ModelState } from "../model/model-state.ts";
import { checkTargets } from "../oracle/check-targets.ts";
import { describeCall } from "../oracle/known-results.ts";
import { type Problem, problem } from "../oracle/problem.ts";
import { Work } from "../world/work.ts";
import { textOf } from "./acknowledgements.ts";
import type { LiveProcess } from "./live-process.ts";
import { type FollowingShape, isFollowedBy } from "./live-round.ts";
import type { LiveWorld } from "./live-world.ts";

/** What failed often is tried again only after an hour. */
const longestUnrestMs = 6 * 3_600_000;
const lookMs = 20_000;
/** A little more than the longest wait before something is tried again. */
const longestWaitMs = 1.1 * 3_600_000;
/** Longer than anything is left alone: what is of no use any more is cleared away every hour. */
const stayMs = 1.05 * 3_600_000;

export interface RestOptions {
  readonly world: LiveWorld;
  /** The one at work, if there is one. */
  process(): LiveProcess | null;
  /** What the world should be now. */
  model(): ModelState;
}

/** Waits until a live update has nothing to do, and judges what it has come to. */
export class AtRest {
  readonly #options: RestOptions;
  /** How often deletions had been held when they were approved last. */
  #approved = 0;
  /** Whether sources that nothing tells of were listed. */
  #listed = false;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /** Resolves when the targets are as they should be, and everything is done; to what is wrong where that takes too long. */
  async reach(): Promise<Problem | null> {
    const { clock } = this.#options.world;
    const until = clock.monotonic() + longestUnrestMs;
    this.#listed = false;
    // What was told last is on its way; what nobody told of is found by the next listing.
    await clock.sleep(this.#longestRefreshMs() + lookMs);
    for (;;) {
      const [found] = this.#options.world.found;
      if (found) return found;
      const wrong = this.#whatIsWrong();
      const asked = await this.#askWhereNeeded();
      if (wrong === null && !asked) return this.#checkStats();
      if (clock.monotonic() > until)
        return wrong ?? problem("restless", "deletions are held again and again");
      await clock.sleep(lookMs);
    }
  }

  /** Time passes in which nothing happens: nothing may be done. Then an update is asked for, which has nothing to do. */
  async stay(): Promise<Problem | null> {
    const { clock, log } = this.#options.world;
    const running = this.#options.process()!;
    // A target key that could not be deleted, or so it seemed, is tried again; no status tells of it.
    if (log.counts.has("key-failed")) await clock.sleep(longestWaitMs);
    running.ports.work = new Work();
    const before = this.#listeners();
    await clock.sleep(stayMs);
    if (this.#options.process() !== running) return problem("ended", "a live update at rest has ended");
    const after = this.#listeners();
    if (after > before) return problem("leak", `${after - before} listeners on the signal of its run`);
    const idle = this.#didNothing(running, "a live update at rest");
    if (idle) return idle;
    const info = await running.ask({});
    if (!info?.ok) return problem("not clean", "an update that was asked for at rest is not clean");
    return this.#didNothing(running, "an update that was asked for at rest") ?? this.#whatIsWrong();
  }

  #whatIsWrong(): Problem | null {
    const running = this.#options.process();
    const stats = running?.updater?.updateStats();
    if (!running || !stats) return problem("restless", "no process is at work");
    const restless = this.#whatIsUnderWay(running, stats);
    if (restless !== null) return problem("restless", restless);
    const { world, model } = this.#options;
    const wrong = checkTargets(model(), world.backends);
    if (wrong) return wrong;
    const [forgotten] = world.acknowledgements.outstanding;
    return forgotten ? problem("acknowledged", `it is not so that ${textOf(forgotten)}`) : null;
  }

  #whatIsUnderWay({ asked, shape }: LiveProcess, { state, sources, info }: LiveStats): string | null {
    if (state !== "following") return `it is ${state}`;
    if (asked.size > 0) return `${asked.size} updates that were asked for are not answered`;
    for (const { name } of shape.sources) {
      const stats = sources[name]!;
      const { watched, refreshMs } = this.#followingOf(name);
      const wanted = watched || refreshMs !== null ? "following" : "ended";
      if (stats.state !== wanted) return `source ${name} is ${stats.state}: ${String(stats.error)}`;
      if (watched && stats.watcher?.state !== "watching")
        return `the watcher of ${name} is ${stats.watcher?.state}`;
      if (stats.waiting > 0 || stats.failing > 0)
        return `of ${name} ${stats.waiting} rows wait, ${stats.failing} fail`;
      if (info.sources[name]!.inFlight > 0) return `of ${name} ${info.sources[name]!.inFlight} are in flight`;
    }
    return null;
  }

  /** What was held goes, and sources that nothing tells of are listed. */
  async #askWhereNeeded(): Promise<boolean> {
    const { world, process } = this.#options;
    const held = world.log.counts.get("deletions-held") ?? 0;
    const running = process();
    if (running?.updater?.updateStats().state !== "following") return false;
    const isFollowed = running.shape.sources.every(({ name }) => isFollowedBy(this.#followingOf(name)));
    if (held === this.#approved && (isFollowed || this.#listed)) return false;
    [this.#approved, this.#listed] = [held, true];
    world.log.note("APPROVED: all deletions");
    await running.ask({ allowDeletions: true });
    return true;
  }

  #longestRefreshMs(): number {
    const { following } = this.#options.world.round;
    return Math.max(...Object.values(following).map(({ refreshMs }) => refreshMs ?? 0));
  }

  #checkStats(): Problem | null {
    const { world, process } = this.#options;
    const running = process()!;
    const { sources } = running.updater!.updateStats();
    for (const [name, { changes }] of Object.entries(sources)) {
      const taken = world.acknowledgements.takenFrom(name);
      if (changes !== taken)
        return problem("stats", `${changes} changes of ${name} were told, and it was ${taken}`);
    }
    return null;
  }

  #didNothing({ ports, shape }: LiveProcess, what: string): Problem | null {
    const { work } = ports;
    const { books } = this.#options.world.simulated;
    const unversioned = new Set(unversionedOf(shape, books));
    const done = {
      reads: work.reads.filter((row) => !unversioned.has(row.slice(0, row.indexOf(" ")))),
      calls: work.calls.map(describeCall),
      writes: work.writes.map(({ backend, key }) => `${backend} ${key}`),
      mutates: work.mutates,
      rowsStored: work.rowsStored,
    };
    const { reads, calls, writes, mutates, rowsStored } = done;
    const nothing = reads.length + calls.length + writes.length + mutates + rowsStored === 0;
    return nothing ? null : problem("further work", `${what} did ${JSON.stringify(done)}`);
  }

  #listeners(): number {
    const signal = this.#options.world.feed.listingSignal;
    return signal ? getEventListeners(signal, "abort").length : 0;
  }

  #followingOf(name: string): FollowingShape {
    return this.#options.world.round.following[name]!;
  }
}

function unversionedOf({ sources }: FlowShape, books: LiveWorld["simulated"]["books"]): string[] {
  return sources.filter(({ book }) => books[book]!.versions === "none").map(({ name }) => name);
}

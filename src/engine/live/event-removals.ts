import type { HeldDeletions } from "../../contracts/events.ts";
import { holdDeletions } from "../deletion-guard.ts";
import type { SourceRows } from "../source-rows.ts";
import { nameOf, type QueuedChange, withCallsOf } from "./change-queue.ts";

/** Rows that go within this time count together. */
const windowMs = 60_000;
/** More than half of the fewest rows that a source may not lose most of unasked. */
const fewestSuspect = 11;

/** What is to become of rows that are gone. */
export interface Judgement {
  /** Those that go now. */
  readonly leaving: readonly QueuedChange[];
  /** Those that were held until now, and may be there again. */
  readonly again: readonly QueuedChange[];
}

/**
 * Rows that are gone as their source told, on their way out. Those that go within a minute are judged together, as
 * those of one listing are: if they are too many to go unasked, they are held.
 */
export class EventRemovals {
  readonly #rows: SourceRows;
  readonly #gone = new Map<string, QueuedChange>();
  readonly #held = new Map<string, QueuedChange>();
  /** Those that are judged, and those that go until it is their turn. */
  readonly #leaving = new Map<string, QueuedChange>();
  /** When rows went that have not come back since, the oldest first. */
  readonly #recent = new Map<string, number>();
  /** When the first of those that wait came, by the monotonic clock. */
  #since = 0;

  constructor(rows: SourceRows) {
    this.#rows = rows;
  }

  /** Rows that wait to be judged. */
  get size(): number {
    return this.#gone.size;
  }

  /** How long the first of them has waited. */
  get waitedMs(): number {
    return this.#rows.run.clock.monotonic() - this.#since;
  }

  /** How many rows have gone within the last minute. */
  get lately(): number {
    const from = this.#rows.run.clock.monotonic() - windowMs;
    for (const [name, at] of this.#recent) {
      if (at > from) break;
      this.#recent.delete(name);
    }
    return this.#recent.size;
  }

  /** Of rows that wait to be judged, or go; those that are held wait for a listing. */
  names(): string[] {
    return [...this.#gone.keys(), ...this.#leaving.keys()];
  }

  add(change: QueuedChange): void {
    if (this.#gone.size === 0) this.#since = this.#rows.run.clock.monotonic();
    this.#gone.set(nameOf(change), change);
  }

  /** The row is there again: it does not go, and no longer counts among those that went. */
  withdraw(change: QueuedChange): QueuedChange {
    this.#recent.delete(nameOf(change));
    return this.replace(change);
  }

  /** The change in place of one by which the row was to go, if there is one: what that was to call, this one calls. */
  replace(change: QueuedChange): QueuedChange {
    const name = nameOf(change);
    const gone = this.#gone.get(name) ?? this.#held.get(name) ?? this.#leaving.get(name);
    for (const rows of [this.#gone, this.#held, this.#leaving]) rows.delete(name);
    return gone ? withCallsOf(change, gone, change) : change;
  }

  /** Whether a row that was to go still is, now that it is its turn; a change that stands for this one has its own. */
  leaves(change: QueuedChange): boolean {
    const name = nameOf(change);
    return this.#leaving.get(name) === change && this.#leaving.delete(name);
  }

  /** What is to become of those that wait. If they are too many to go, they are held, and that is said. */
  async judge(): Promise<Judgement> {
    const { run } = this.#rows;
    const judged = [...this.#gone.values()];
    this.#gone.clear();
    for (const change of judged) this.#leaving.set(nameOf(change), change);
    const { held, suspect } = await this.#tooMany(judged.length);
    // Some may have been withdrawn meanwhile.
    const fresh = judged.filter((change) => this.#leaving.get(nameOf(change)) === change);
    if (held) {
      run.tally.report({ kind: "deletions-held", ...held });
      for (const change of fresh) this.#hold(change);
      return { leaving: [], again: [] };
    }
    this.removed(fresh.map(nameOf), suspect);
    const again = [...this.#held.values()];
    this.#held.clear();
    return { leaving: fresh, again };
  }

  /** A listing has dealt with all rows but these: what was held is held no more. */
  release(except: ReadonlySet<string>): readonly QueuedChange[] {
    const released = [...this.#held].filter(([name]) => !except.has(name));
    for (const [name] of released) this.#held.delete(name);
    return released.map(([, change]) => change);
  }

  /** These rows go. If they were approved, neither they nor those before them count any more. */
  removed(names: Iterable<string>, approved: boolean): void {
    if (approved) {
      this.#recent.clear();
      return;
    }
    const at = this.#rows.run.clock.monotonic();
    for (const name of names) this.#recent.set(name, at);
  }

  #hold(change: QueuedChange): void {
    for (const looked of change.looked) looked();
    this.#leaving.delete(nameOf(change));
    this.#held.set(nameOf(change), { ...change, looked: [] });
  }

  /** Whether they are too many to go unasked, and what is held if nobody has approved. */
  async #tooMany(fresh: number): Promise<{ readonly held: HeldDeletions | null; readonly suspect: boolean }> {
    const { run, source, id } = this.#rows;
    const { lately } = this;
    // What is judged now is not held yet.
    const rows = this.#held.size + fresh;
    const gone = rows + lately;
    if (gone < fewestSuspect) return { held: null, suspect: false };
    const tracked = (await run.store.countRows(run.flow, id)) + lately;
    const place = { flow: run.plan.flow, source: source.name };
    // That none is left is for a listing to find.
    const census = { tracked, gone, there: Math.max(1, tracked - gone) };
    const held = holdDeletions(place, census, run.allowDeletions);
    return { held: held && { ...held, rows }, suspect: holdDeletions(place, census, false) !== null };
  }
}

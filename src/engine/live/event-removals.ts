import type { HeldDeletions } from "../../contracts/events.ts";
import { holdDeletions } from "../deletion-guard.ts";
import type { SourceRows } from "../source-rows.ts";
import { nameOf, type RowChange } from "./change-queue.ts";

/** Rows that go within this time count together. */
const windowMs = 60_000;
/** More than half of the fewest rows that a source may not lose most of unasked. */
const fewestSuspect = 11;

/**
 * Rows that are gone as their source told, on their way out. Those that go within a minute are judged together, as
 * those of one listing are: if they are too many to go unasked, they are held.
 */
export class EventRemovals {
  readonly #rows: SourceRows;
  readonly #gone = new Map<string, RowChange>();
  readonly #held = new Map<string, RowChange>();
  /** Those that may go, until they have: each waits for its turn, and may come back meanwhile. */
  readonly #leaving = new Map<string, RowChange>();
  /** What has gone lately, oldest first. */
  #recent: { readonly at: number; readonly rows: number }[] = [];
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
    this.#recent = this.#recent.filter(({ at }) => at > from);
    return this.#recent.reduce((sum, { rows }) => sum + rows, 0);
  }

  names(): string[] {
    return [...this.#gone.keys(), ...this.#held.keys(), ...this.#leaving.keys()];
  }

  add(change: RowChange): void {
    if (this.#gone.size === 0) this.#since = this.#rows.run.clock.monotonic();
    this.#gone.set(nameOf(change), change);
  }

  /** The row is there again; what was to be called for its going is called with what it comes to now. */
  withdraw(change: RowChange): RowChange {
    const name = nameOf(change);
    const stages = [this.#gone, this.#held, this.#leaving];
    const gone = stages.flatMap((stage) => stage.get(name)?.acknowledgements ?? []);
    for (const stage of stages) stage.delete(name);
    return gone.length === 0
      ? change
      : { ...change, acknowledgements: [...gone, ...change.acknowledgements] };
  }

  /** Whether a row that may go is to go still: it has not come back. To be asked once, in the row's turn. */
  leaves(change: RowChange): boolean {
    const name = nameOf(change);
    return this.#leaving.get(name) === change && this.#leaving.delete(name);
  }

  /** The rows that may go now. The others are held, and that is said. */
  async judge(): Promise<readonly RowChange[]> {
    const { run } = this.#rows;
    const added = this.#gone.size;
    for (const [name, change] of this.#gone) this.#held.set(name, change);
    this.#gone.clear();
    const held = await this.#tooMany();
    if (held && added > 0) run.tally.report({ kind: "deletions-held", ...held });
    if (held) return [];
    const released = this.release();
    for (const change of released) this.#leaving.set(nameOf(change), change);
    return released;
  }

  /** All that was held: it was approved, or is dealt with by a listing. */
  release(): readonly RowChange[] {
    const released = [...this.#held.values()];
    this.#held.clear();
    return released;
  }

  removed(rows: number): void {
    const at = this.#rows.run.clock.monotonic();
    const last = this.#recent.at(-1);
    if (last && at - last.at < 1_000)
      this.#recent[this.#recent.length - 1] = { at: last.at, rows: last.rows + rows };
    else this.#recent.push({ at, rows });
  }

  async #tooMany(): Promise<HeldDeletions | null> {
    const { run, source, id } = this.#rows;
    const { lately } = this;
    const gone = this.#held.size + lately;
    if (gone < fewestSuspect) return null;
    const tracked = (await run.store.countRows(run.flow, id)) + lately;
    const place = { flow: run.plan.flow, source: source.name };
    // That none is left is for a listing to find.
    const there = Math.max(1, tracked - gone);
    const held = holdDeletions(place, { tracked, gone, there }, run.allowDeletions);
    return held && { ...held, rows: this.#held.size };
  }
}

import { SluiceError } from "../errors/index.ts";
import { abortable } from "../kernel/abortable.ts";
import { bytesToHex } from "../kernel/bytes.ts";
import { compareOrdered, compareUnordered, type Findings } from "./compare.ts";
import { holdDeletions } from "./deletion-guard.ts";
import { decodeFailureRecord, type FailureRecord } from "./failure-record.ts";
import { type ListedRow, type Listing, listRows } from "./list.ts";
import type { RowQueue } from "./row-queue.ts";
import type { SourceRows } from "./source-rows.ts";
import { encodeSourceVersion } from "./source-version.ts";

/** What a pass must mind where changes of the same rows are told meanwhile. */
export interface ToldMeanwhile {
  /** Does work on a row while nobody else does, with its version record as it is then. */
  inTurn<T>(key: Uint8Array, work: (stored: Uint8Array | null) => Promise<T>): Promise<T>;
  /** Whether a change of the row was told since the pass began: what the listing says of it may be older. */
  wasTold(key: Uint8Array): boolean;
  /** Has a row looked at again; resolves when that was done, whatever came of it. */
  look(key: Uint8Array): Promise<void>;
  /** The failure of a row that is to be left alone until its next try, as long as nothing about it has changed. */
  waiting(key: Uint8Array, stored: Uint8Array): Promise<FailureRecord | null>;
  /** Rows that went a short while ago: together with these, others that go may be too many. */
  readonly lately: number;
  /** These rows go; approved, if they are too many to go unasked. */
  removed(keys: readonly Uint8Array[], approved: boolean): void;
}

/** Rows that are begun in one turn of the event loop. */
const rowsInARow = 64;

/** One look at a whole source, or at some of its rows. */
export class SourcePass {
  readonly #rows: SourceRows;
  readonly #queue: RowQueue;
  readonly #told: ToldMeanwhile | null;
  /** Rows that were tracked before, and rows that the source has. */
  readonly #census = { tracked: 0, there: 0 };
  /** How many of the tracked rows turned out to be gone. */
  #gone = 0;
  /** Whether rows that turn out to be gone go: only after a complete listing, and not where deletions are held. */
  #removal: "unknown" | "allowed" | "held" = "unknown";
  /** Rows that were told of, and are looked at beside the pass. */
  readonly #looked: Promise<void>[] = [];
  #begun = 0;
  /** Only failed rows were asked for, so that one of them which is gone has to be told. */
  #revisits = false;

  constructor(rows: SourceRows, told: ToldMeanwhile | null = null) {
    this.#rows = rows;
    this.#queue = rows.openQueue();
    this.#told = told;
  }

  /**
   * What the listing names and the store does not have as it is now goes through the row pipeline; what the store has
   * and a complete listing does not name is removed.
   */
  async list(): Promise<void> {
    const { run, source } = this.#rows;
    const listing: Listing = { rows: 0, complete: true };
    const gone = await this.#compare(listing);
    const { rows, complete } = listing;
    run.tally.report({ kind: "source-listed", source: source.name, rows, complete });
    if (complete) {
      this.#removal = "allowed";
      await this.#remove(gone);
    }
    await this.#untilLooked();
  }

  /** Whether all that the source has was looked at, and nothing is wrong with that. */
  get complete(): boolean {
    return this.#removal === "allowed";
  }

  /** Whether rows that are gone are held for approval. */
  get held(): boolean {
    return this.#removal === "held";
  }

  /** Runs just these rows, by their encoded keys; nothing is listed. */
  async revisit(keys: AsyncIterable<Uint8Array>): Promise<void> {
    this.#revisits = true;
    await this.#again(keys, new Set());
    this.#revisits = false;
  }

  async settleRows(keys: Iterable<Uint8Array>, owed: ReadonlySet<number>): Promise<void> {
    await this.#again(keys, owed);
  }

  rowText(key: Uint8Array): string {
    return this.#rows.rowText(key);
  }

  reportFailure(key: Uint8Array, error: SluiceError): void {
    this.#rows.reportFailure(key, error);
  }

  async close(): Promise<void> {
    await this.#rows.close();
  }

  /** Processes what has changed; resolves to what is gone. */
  async #compare(listing: Listing): Promise<readonly GoneRow[]> {
    const { run, source, id, logic, connection } = this.#rows;
    const gone: GoneRow[] = [];
    const stats = run.tally.source(source.name);
    const census = this.#census;
    const lost = (row: GoneRow) => {
      if (!this.#told?.wasTold(row.key)) return gone.push(row);
      // It is judged with what is told, and does not count here.
      census.tracked--;
      return this.#look(row.key);
    };
    const findings: Findings = {
      unchanged: () => {
        stats.unchanged++;
        census.tracked++;
        census.there++;
      },
      changed: (row, stored) => {
        if (stored !== null) census.tracked++;
        const waiting = this.#queue.start(async () => {
          if (await this.#process(row, stored)) census.there++;
          else if (stored !== null) lost({ key: row.key, stored });
        });
        return waiting ?? this.#pace();
      },
      gone: (key, stored) => {
        census.tracked++;
        lost({ key, stored });
      },
    };
    const compare = source.definition.ordered ? compareOrdered : compareUnordered;
    const pages = listRows(run, source, connection, listing);
    const all = run.forcing.reexport || run.forcing.fullReprocess;
    try {
      await compare({ run, source: id, pages, logic: logic.wholeBytes, all, findings });
    } finally {
      await this.#queue.settle();
    }
    return gone;
  }

  /**
   * Lets rows that can go on without waiting do so before more are begun, so that only those that wait for something
   * pile up.
   */
  #pace(): Promise<void> | undefined {
    if (++this.#begun % rowsInARow !== 0) return undefined;
    const { activity, clock } = this.#rows.run;
    activity.note();
    return clock.idle();
  }

  /** Resolves to whether the source has the row. */
  #process(row: ListedRow, stored: Uint8Array | null): Promise<boolean> {
    const { entry, key } = row;
    const told = this.#told;
    if (told === null) return this.#rows.process(entry, key, { stored });
    return told.inTurn(key, async (now) => {
      const waiting = now && (await told.waiting(key, now));
      const changed = waiting ? hasChanged(waiting, entry) : true;
      if (changed === false) return true;
      const waitsWith = changed === "unknown" ? (waiting?.tried?.content ?? null) : null;
      const known = told.wasTold(key) ? { key: entry.key } : entry;
      return this.#rows.process(known, key, { stored: now, waitsWith });
    });
  }

  /** Runs rows again, and removes those of them that turn out to be gone. */
  async #again(
    keys: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    owed: ReadonlySet<number>,
  ): Promise<void> {
    const gone: GoneRow[] = [];
    await this.#each(keys, async (key) => {
      const row = await this.#processAgain(key, owed);
      if (row) gone.push(row);
    });
    this.#census.there -= gone.length;
    await this.#remove(gone);
    await this.#untilLooked();
  }

  /**
   * Resolves to the row where it is gone and may be removed. It is left to the next listing, unless this update has
   * listed all that there is, or the row was being removed already.
   */
  async #processAgain(key: Uint8Array, owed: ReadonlySet<number>): Promise<GoneRow | null> {
    const { version, failure } = await this.#rows.records(key);
    if (!version) return null;
    if (await this.#isThere(key, version, owed)) return null;
    if (this.#told) {
      this.#look(key);
      return null;
    }
    const removal = this.#removal === "allowed" || (failure && decodeFailureRecord(failure).removal);
    if (removal) return { key, stored: version };
    if (failure && this.#revisits) this.reportFailure(key, notThere());
    return null;
  }

  async #isThere(key: Uint8Array, version: Uint8Array, owed: ReadonlySet<number>): Promise<boolean> {
    const entry = { key: this.#rows.decodeKey(key) };
    if (entry.key === undefined) return false;
    if (this.#told === null) return this.#rows.process(entry, key, { stored: version, owed });
    return this.#told.inTurn(key, (stored) => this.#rows.process(entry, key, { stored, owed }));
  }

  /** Removes rows that are gone, unless they are too many to go unasked together with those before. */
  async #remove(gone: readonly GoneRow[]): Promise<void> {
    this.#gone += gone.length;
    if (this.#removal === "allowed") this.#holdIfTooMany(gone);
    if (this.#removal === "held") return;
    await this.#each(gone, (row) => this.#removeRow(row));
  }

  async #removeRow({ key, stored }: GoneRow): Promise<void> {
    const told = this.#told;
    if (told === null) return this.#rows.remove(key, stored);
    await told.inTurn(key, async (now) => {
      if (told.wasTold(key)) return this.#look(key);
      const waits = now !== null && (await told.waiting(key, now))?.removal;
      if (now !== null && !waits) await this.#rows.remove(key, now);
    });
  }

  /** `fresh` of those that are gone were not counted before. */
  #holdIfTooMany(fresh: readonly GoneRow[]): void {
    const { run, source } = this.#rows;
    const place = { flow: run.plan.flow, source: source.name };
    const lately = this.#told?.lately ?? 0;
    const { tracked, there } = this.#census;
    // An empty source is suspect where several rows were left, not where those before went one by one.
    const left = tracked > 1 ? there : 1;
    const census = { tracked: tracked + lately, there: left, gone: this.#gone + lately };
    const held = holdDeletions(place, census, run.allowDeletions);
    if (!held) {
      const keys = fresh.map(({ key }) => key);
      this.#told?.removed(keys, holdDeletions(place, census, false) !== null);
      return;
    }
    this.#removal = "held";
    run.tally.report({ kind: "deletions-held", ...held });
  }

  #look(key: Uint8Array): void {
    this.#looked.push(this.#told!.look(key));
  }

  /** What was asked for is not over before. */
  async #untilLooked(): Promise<void> {
    await abortable(Promise.all(this.#looked.splice(0)), this.#rows.run.signal);
  }

  async #each<T>(all: Iterable<T> | AsyncIterable<T>, work: (one: T) => Promise<void>): Promise<void> {
    try {
      for await (const one of all) await this.#queue.start(() => work(one));
    } finally {
      await this.#queue.settle();
    }
  }
}

/** Whether the source says another thing of a row than when it failed. */
function hasChanged(
  { tried, removal }: FailureRecord,
  { ordinal, contentVersion }: ListedRow["entry"],
): boolean | "unknown" {
  const listed = encodeSourceVersion(ordinal, contentVersion);
  // It was to be removed, and is there again.
  if (removal) return true;
  if (listed && tried?.version) return bytesToHex(listed) !== tried.version;
  return tried?.content ? "unknown" : false;
}

/** A row that is tracked and that the source has no more. */
export interface GoneRow {
  readonly key: Uint8Array;
  readonly stored: Uint8Array;
}

/** It failed and is gone since; that it is not there is not recorded, so that the failure says what it said. */
function notThere(): SluiceError {
  return new SluiceError("source-read-failed", "the source does not have the row any more", {
    hint: "The next update that lists the source removes it.",
  });
}

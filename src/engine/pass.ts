import type { SourceId } from "../contracts/state-store.ts";
import { SluiceError } from "../errors/index.ts";
import { Semaphore } from "../kernel/semaphore.ts";
import type { PlannedSource } from "../plan/index.ts";
import { compareOrdered, compareUnordered, type Findings } from "./compare.ts";
import { holdDeletions } from "./deletion-guard.ts";
import { decodeFailureRecord } from "./failure-record.ts";
import { type Listing, listRows } from "./list.ts";
import { type OpenSource, openSource } from "./open-source.ts";
import { RowProcessor } from "./process-row.ts";
import { RowReader } from "./read.ts";
import { RowRemover } from "./remove-row.ts";
import { RowQueue } from "./row-queue.ts";
import { RowRecorder, type TargetIndex } from "./row-recorder.ts";
import type { Run } from "./run.ts";
import { type SourceLogic, sourceLogic } from "./source-logic.ts";
import { decodeStoredKey, storedKeyText } from "./stored-key.ts";

export interface PassOptions {
  readonly run: Run;
  readonly source: PlannedSource;
  readonly id: SourceId;
  readonly targets: TargetIndex;
}

/** A source, open for one update. */
export class SourcePass {
  readonly #options: PassOptions;
  readonly #opened: OpenSource;
  readonly #logic: SourceLogic;
  readonly #processor: RowProcessor;
  readonly #remover: RowRemover;
  readonly #queue: RowQueue;
  readonly #recorder: RowRecorder;
  /** Rows that were tracked before, and rows that the source has. */
  readonly #census = { tracked: 0, there: 0 };
  /** How many of the tracked rows turned out to be gone. */
  #gone = 0;
  /** Whether rows that turn out to be gone go: only after a complete listing, and not where deletions are held. */
  #removal: "unknown" | "allowed" | "held" = "unknown";
  /** Only failed rows were asked for, so that one of them which is gone has to be told. */
  #revisits = false;

  constructor(options: PassOptions, opened: OpenSource) {
    const { run, source, id, targets } = options;
    const { maxInflightRows, maxInflightBytes } = source.step.options;
    const recorder = new RowRecorder(run, source.name, id, targets);
    const reader = new RowReader(run, source, opened.connection);
    const bytes = maxInflightBytes === null ? run.bytes : new Semaphore(maxInflightBytes);
    this.#options = options;
    this.#recorder = recorder;
    this.#opened = opened;
    this.#logic = sourceLogic(source, run.bindings);
    this.#processor = new RowProcessor({
      run,
      source,
      reader,
      recorder,
      logic: this.#logic,
      targets,
      bytes,
    });
    this.#remover = new RowRemover(run, recorder, targets, (key) => storedKeyText(source, key));
    this.#queue = new RowQueue(run, source.name, maxInflightRows);
  }

  /** Null, and reported, where the source cannot be opened. */
  static async open(options: PassOptions): Promise<SourcePass | null> {
    const { run, source } = options;
    run.tally.report({ kind: "source-started", source: source.name });
    const opened = await openSource(run, source);
    return opened && new SourcePass(options, opened);
  }

  /**
   * What the listing names and the store does not have as it is now goes through the row pipeline; what the store has
   * and a complete listing does not name is removed.
   */
  async list(): Promise<void> {
    const { run, source } = this.#options;
    const listing: Listing = { rows: 0, complete: true };
    const gone = await this.#compare(listing);
    const { rows, complete } = listing;
    run.tally.report({ kind: "source-listed", source: source.name, rows, complete });
    if (!complete) return;
    this.#removal = "allowed";
    await this.#remove(gone);
  }

  /** Whether all that the source has was looked at, and nothing is wrong with that. */
  get complete(): boolean {
    return this.#removal === "allowed";
  }

  /** Runs just these rows, by their encoded keys; nothing is listed. */
  async revisit(keys: AsyncIterable<Uint8Array>): Promise<void> {
    this.#revisits = true;
    await this.#again(keys, new Set());
    this.#revisits = false;
  }

  /** Runs rows again that own target keys of these exports which are not settled. */
  async settleRows(keys: Iterable<Uint8Array>, owed: ReadonlySet<number>): Promise<void> {
    await this.#again(keys, owed);
  }

  /** A row's key as text for people. */
  rowText(key: Uint8Array): string {
    return storedKeyText(this.#options.source, key);
  }

  reportFailure(key: Uint8Array, error: SluiceError): void {
    this.#recorder.reportFailure(this.rowText(key), error);
  }

  async close(): Promise<void> {
    await this.#opened.close();
  }

  /** Processes what has changed; resolves to what is gone. */
  async #compare(listing: Listing): Promise<readonly GoneRow[]> {
    const { run, source, id } = this.#options;
    const gone: GoneRow[] = [];
    const stats = run.tally.source(source.name);
    const census = this.#census;
    const findings: Findings = {
      unchanged: () => {
        stats.unchanged++;
        census.tracked++;
        census.there++;
      },
      changed: ({ entry, key }, stored) => {
        if (stored !== null) census.tracked++;
        return this.#queue.start(async () => {
          const there = await this.#processor.process(entry, key, { stored });
          if (there) census.there++;
          else if (stored !== null) gone.push({ key, stored });
        });
      },
      gone: (key, stored) => {
        census.tracked++;
        gone.push({ key, stored });
      },
    };
    const compare = source.definition.ordered ? compareOrdered : compareUnordered;
    const pages = listRows(run, source, this.#opened.connection, listing);
    const all = run.forcing.reexport || run.forcing.fullReprocess;
    try {
      await compare({ run, source: id, pages, logic: this.#logic.wholeBytes, all, findings });
    } finally {
      await this.#queue.settle();
    }
    return gone;
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
  }

  /**
   * Resolves to the row where it is gone and may be removed. It is left to the next listing, unless this update has
   * listed all that there is, or the row was being removed already.
   */
  async #processAgain(key: Uint8Array, owed: ReadonlySet<number>): Promise<GoneRow | null> {
    const { run, id, source } = this.#options;
    const [records] = await run.store.readRows(run.flow, [{ source: id, key }]);
    const { version: stored, failure } = records!;
    if (!stored) return null;
    const entry = { key: decodeStoredKey(source, key) };
    const there = entry.key !== undefined && (await this.#processor.process(entry, key, { stored, owed }));
    if (there) return null;
    const removal = this.#removal === "allowed" || (failure && decodeFailureRecord(failure).removal);
    if (removal) return { key, stored };
    if (failure && this.#revisits) this.reportFailure(key, notThere());
    return null;
  }

  /** Removes rows that are gone, unless they are too many to go unasked together with those before. */
  async #remove(gone: readonly GoneRow[]): Promise<void> {
    this.#gone += gone.length;
    if (this.#removal === "allowed") this.#holdIfTooMany();
    if (this.#removal === "held") return;
    await this.#each(gone, ({ key, stored }) => this.#remover.remove(key, stored));
  }

  #holdIfTooMany(): void {
    const { run, source } = this.#options;
    const place = { flow: run.plan.flow, source: source.name };
    const held = holdDeletions(place, { ...this.#census, gone: this.#gone }, run.allowDeletions);
    if (!held) return;
    this.#removal = "held";
    run.tally.report({ kind: "deletions-held", ...held });
  }

  async #each<T>(all: Iterable<T> | AsyncIterable<T>, work: (one: T) => Promise<void>): Promise<void> {
    try {
      for await (const one of all) await this.#queue.start(() => work(one));
    } finally {
      await this.#queue.settle();
    }
  }
}

/** A row that is tracked and that the source has no more. */
interface GoneRow {
  readonly key: Uint8Array;
  readonly stored: Uint8Array;
}

/** It failed and is gone since; that it is not there is not recorded, so that the failure says what it said. */
function notThere(): SluiceError {
  return new SluiceError("source-read-failed", "the source does not have the row any more", {
    hint: "The next update that lists the source removes it.",
  });
}

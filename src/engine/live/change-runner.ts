import type { ChangeEvent } from "../../contracts/source.ts";
import { toSluiceError } from "../../errors/index.ts";
import { hexToBytes } from "../../kernel/bytes.ts";
import { type Deferred, deferred } from "../../kernel/deferred.ts";
import type { KeyLocks } from "../../kernel/key-locks.ts";
import { decodeFailureRecord, type FailureRecord } from "../failure-record.ts";
import type { ToldMeanwhile } from "../pass.ts";
import type { RowQueue } from "../row-queue.ts";
import { rowName } from "../row-recorder.ts";
import type { SourceRows } from "../source-rows.ts";
import { compareSourceOrdinals } from "../source-version.ts";
import { decodeVersionRecord, isSettled } from "../version-record.ts";
import { ChangeQueue, nameOf, type QueuedChange } from "./change-queue.ts";
import { EventRemovals } from "./event-removals.ts";

export interface ChangeRunnerOptions {
  readonly rows: SourceRows;
  /** By the name of the row: one attempt at a time. */
  readonly turns: KeyLocks;
  /** Told of what ends the update. */
  failed(thrown: unknown): void;
}

/** How many rows may wait before a watcher is made to. */
const mostWaiting = 65_536;
/** How long rows that are gone wait for others, to be judged together, while there is other work. */
const removalDelayMs = 100;

/**
 * Runs the rows of one source whose changes were told: ahead of what is only listed, each row once at a time, and of
 * several changes of one the latest.
 */
export class ChangeRunner implements ToldMeanwhile {
  readonly #options: ChangeRunnerOptions;
  readonly #queue = new ChangeQueue();
  readonly #removals: EventRemovals;
  readonly #work: RowQueue;
  /** How many listings have begun. */
  #listings = 0;
  /** Rows of which something was told since the listing under way began; null while there is none. */
  #told: Set<string> | null = null;
  #patient = false;
  #pumping = false;
  #removing = false;
  #room: Deferred<void> | null = null;
  #idle: Deferred<void> | null = null;
  #lagMs: number | null = null;

  constructor(options: ChangeRunnerOptions) {
    this.#options = options;
    this.#removals = new EventRemovals(options.rows);
    this.#work = options.rows.openQueue();
  }

  /** Rows with a change that is not begun with. */
  get waitingRows(): number {
    return this.#queue.size;
  }

  /** How long the last change took from when it was told until it was durable. */
  get lagMs(): number | null {
    return this.#lagMs;
  }

  /** Takes changes; resolves when there is room for more. Throws where a key does not fit. */
  async tell(changes: readonly ChangeEvent<unknown, unknown>[]): Promise<void> {
    const { clock, signal } = this.#options.rows.run;
    const toldAt = clock.monotonic();
    // None of them, where one has a key that does not fit.
    const rows = changes.map((change) => this.#queuedChange(change, toldAt));
    for (const row of rows) this.#add(row);
    this.#pump();
    while (this.#queue.size > mostWaiting && !signal.aborted) {
      this.#room ??= deferred();
      await this.#room.promise;
    }
  }

  look(key: Uint8Array): Promise<void> {
    const entry = { key: this.#options.rows.decodeKey(key) };
    if (entry.key === undefined) return Promise.resolve();
    const looked = deferred<void>();
    this.#add({ ...untold, key, entry, looked: [() => looked.resolve()] });
    this.#pump();
    return looked.promise;
  }

  /**
   * A listing begins: rows that are told of from now on, or are worked on, are not judged by it. A patient one leaves
   * rows that failed alone until their next try.
   */
  listingBegins(patient: boolean): void {
    this.#patient = patient;
    this.#listings++;
    this.#told = new Set([...this.#queue.names(), ...this.#removals.names()]);
  }

  /** Of a listing that was complete, `removed` what it does not have. */
  async listingEnded({ removed }: { readonly removed: boolean }): Promise<void> {
    const told = this.#told ?? new Set();
    this.#told = null;
    if (!removed) return;
    for (const change of this.#removals.release(told)) await this.#acknowledge(change);
  }

  wasTold(key: Uint8Array): boolean {
    return this.#told?.has(nameOf({ key })) ?? false;
  }

  get lately(): number {
    return this.#removals.lately;
  }

  removed(keys: readonly Uint8Array[], approved: boolean): void {
    const names = keys.map((key) => nameOf({ key }));
    this.#removals.removed(names, approved);
  }

  inTurn<T>(key: Uint8Array, work: (stored: Uint8Array | null) => Promise<T>): Promise<T> {
    const { rows, turns } = this.#options;
    const { run, id } = rows;
    const address = { source: id, key };
    return turns.holding([rowName(address)], run.signal, async () => {
      const [stored] = await run.store.readVersions(run.flow, [address]);
      return work(stored!);
    });
  }

  async waiting(key: Uint8Array, stored: Uint8Array): Promise<FailureRecord | null> {
    const { rows } = this.#options;
    if (!this.#patient || decodeVersionRecord(stored).failures === 0) return null;
    const { failure } = await rows.records(key);
    const record = failure && decodeFailureRecord(failure);
    return record && record.nextAt > rows.run.clock.now() ? record : null;
  }

  /** Resolves once nothing waits and nothing is worked on. */
  async whenIdle(): Promise<void> {
    if (this.#isIdle()) return;
    this.#idle ??= deferred();
    await this.#idle.promise;
  }

  /** Waits for the rows that are worked on, after the update was stopped. */
  async settle(): Promise<void> {
    this.#room?.resolve();
    this.#idle?.resolve();
    // What ended one of them has been told of.
    await this.#work.settle().catch(() => {});
  }

  #queuedChange(change: ChangeEvent<unknown, unknown>, toldAt: number): QueuedChange {
    const { key, deleted = false, acknowledge, ...said } = change;
    const acknowledgements = acknowledge ? [() => acknowledge.call(change)] : [];
    const encoded = this.#options.rows.source.keyCodec.encode(key);
    const told = { deleted, listings: this.#listings, toldAt, acknowledgements };
    return { ...untold, ...told, key: encoded, entry: { key, ...said } };
  }

  #add(change: QueuedChange): void {
    this.#told?.add(nameOf(change));
    this.#queue.add(change);
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    void this.#startAll().catch((thrown: unknown) => {
      this.#pumping = false;
      this.#options.failed(thrown);
    });
  }

  async #startAll(): Promise<void> {
    const { signal } = this.#options.rows.run;
    for (;;) {
      const change = signal.aborted ? null : this.#queue.next();
      if (change === null) {
        // In the same turn as the look, so that what is added next is not left lying.
        this.#pumping = false;
        return;
      }
      const started = this.#start(() => this.#run(change), change.toldAt !== null);
      if (started) await started;
    }
  }

  /** What ends the update is told at once: nobody may wait for these rows. */
  #start(work: () => Promise<void>, urgent: boolean): void | Promise<void> {
    const told = async () => {
      try {
        await work();
      } catch (thrown) {
        this.#options.failed(thrown);
        throw thrown;
      }
    };
    return this.#work.start(told, urgent);
  }

  async #run(change: QueuedChange): Promise<void> {
    try {
      const settled = await this.inTurn(change.key, (stored) => this.#bring(change, stored));
      if (settled) await this.#acknowledge(settled);
    } finally {
      this.#queue.done(change);
      this.#after();
    }
  }

  /** Resolves to what is durable; null where the row is to go first. */
  async #bring(told: QueuedChange, stored: Uint8Array | null): Promise<QueuedChange | null> {
    const { rows } = this.#options;
    const listings = this.#listings;
    const isOld = this.#isOutdated(told) || (await this.#isBehind(told, stored));
    const change = isOld ? unsaid(told) : told;
    const there = !change.deleted && (await this.#look(change, stored));
    if (there) return this.#removals.withdraw(change);
    if (rows.run.signal.aborted) return change;
    // A listing may have removed it while its going was held.
    if (stored === null) return this.#removals.replace(change);
    this.#removals.add({ ...this.#removals.withdraw(change), listings });
    return null;
  }

  /** Whether more is known of the row than the change says: it is then read again, and what that says counts. */
  async #isBehind({ key, entry, toldAt }: QueuedChange, stored: Uint8Array | null): Promise<boolean> {
    const { ordinal } = entry;
    if (stored === null || toldAt === null || ordinal === undefined) return false;
    const { committed, failures } = decodeVersionRecord(stored);
    // What was tried last, and failed, is known as well.
    const known = [committed?.sourceVersion, failures > 0 ? await this.#triedVersion(key) : null];
    return known.some((version) => version && compareSourceOrdinals(ordinal, version) < 0);
  }

  async #triedVersion(key: Uint8Array): Promise<Uint8Array | null> {
    const { failure } = await this.#options.rows.records(key);
    const version = failure && decodeFailureRecord(failure).tried?.version;
    return version ? hexToBytes(version) : null;
  }

  /** A listing that began since may have found what happened after that. */
  #isOutdated({ deleted, entry, listings }: QueuedChange): boolean {
    return (deleted || entry.value !== undefined) && listings < this.#listings;
  }

  /** Resolves to whether the source has the row. */
  async #look({ entry, key, toldAt }: QueuedChange, stored: Uint8Array | null): Promise<boolean> {
    const { rows } = this.#options;
    const { run, source, logic } = rows;
    if (stored && isSettled(stored, 0, stored.length, logic.wholeBytes, entry)) {
      run.tally.source(source.name).unchanged++;
      return true;
    }
    return rows.process(entry, key, { stored, ...(toldAt === null ? {} : { urgent: true, toldAt }) });
  }

  /** A change whose update was stopped may not have landed: its source is to yield it again. */
  async #acknowledge({ toldAt, key, acknowledgements, looked }: QueuedChange): Promise<void> {
    const { run, source } = this.#options.rows;
    for (const done of looked) done();
    if (run.signal.aborted) return;
    if (toldAt !== null) this.#lagMs = run.clock.monotonic() - toldAt;
    for (const acknowledge of acknowledgements) {
      try {
        await acknowledge();
      } catch (thrown) {
        const row = this.#options.rows.rowText(key);
        const where = { flow: run.plan.flow, source: source.name, row };
        const error = toSluiceError(thrown, "watch-failed", { where });
        run.tally.report({ kind: "acknowledge-failed", source: source.name, row, error });
      }
    }
  }

  #after(): void {
    if (this.#queue.size <= mostWaiting / 2) {
      this.#room?.resolve();
      this.#room = null;
    }
    if (this.#queue.size > 0) this.#pump();
    const due = this.#removals.size > 0 && (this.#queue.idle || this.#removals.waitedMs > removalDelayMs);
    if (due) void this.#remove().catch((thrown: unknown) => this.#options.failed(thrown));
    else this.#sayIfIdle();
  }

  async #remove(): Promise<void> {
    if (this.#removing) return;
    this.#removing = true;
    try {
      while (this.#removals.size > 0 && !this.#options.rows.run.signal.aborted) {
        const { leaving, again } = await this.#removals.judge();
        for (const change of again) this.#queue.add(unsaid(change));
        this.#pump();
        await Promise.all(leaving.map((change) => this.#start(() => this.#removeRow(change), true)));
      }
    } finally {
      this.#removing = false;
      this.#sayIfIdle();
    }
  }

  async #removeRow(change: QueuedChange): Promise<void> {
    const removed = await this.inTurn(change.key, async (stored) => {
      // It was told of again meanwhile, which stands for this.
      if (!this.#removals.leaves(change)) return false;
      if (this.#queue.waits(nameOf(change)) || change.listings < this.#listings) {
        this.#queue.add({ ...unsaid(change), toldAt: null });
        return false;
      }
      if (stored !== null) await this.#options.rows.remove(change.key, stored);
      return true;
    });
    if (removed) await this.#acknowledge(change);
    else this.#pump();
  }

  #isIdle(): boolean {
    return this.#queue.idle && this.#removals.size === 0 && !this.#removing;
  }

  #sayIfIdle(): void {
    if (!this.#isIdle()) return;
    this.#idle?.resolve();
    this.#idle = null;
  }
}

/** A change of which nobody told. */
const untold = { deleted: false, listings: 0, toldAt: null, acknowledgements: [], looked: [] } as const;

/** The row is to be read. */
function unsaid(change: QueuedChange): QueuedChange {
  return { ...change, entry: { key: change.entry.key }, deleted: false };
}

import type { Report } from "../contracts/events.ts";
import type { Fence, MemoWrite, StateStore, StoreWrite } from "../contracts/state-store.ts";
import { SluiceError, toSluiceError } from "../errors/index.ts";
import { type Deferred, deferred } from "../kernel/deferred.ts";
import { type RecordWrite, type RowWork, sizeOf } from "./row-work.ts";

export interface LandingOptions {
  readonly store: StateStore;
  /** As it is at the time of a write. */
  fence(): Fence;
  readonly report: Report;
  /** Stops staging: rows that are not staged yet are given up, staged ones land. */
  readonly signal: AbortSignal;
  /** Applies a staged row's writes; resolves to the first error, null when all of them landed. */
  apply(work: RowWork): Promise<SluiceError | null>;
  /** Keeps that these staged rows may have been written although the flow is another's by now. */
  doubt(staged: readonly RecordWrite[]): Promise<void>;
  /** Told when target keys that are owed something became durable. */
  owed(): void;
  /** Resolves when no more is to be expected at once; null: nothing waits for others to share its transaction. */
  readonly lull: (() => Promise<void>) | null;
}

/** What one transaction stages at most. */
const groupRows = 256;
const groupBytes = 16 * 1024 * 1024;
/** Results that wait for a transaction at most. */
const groupMemos = 4096;

/** A row on its way; resolves when it is committed, to the error when a target refused it and that is recorded. */
type Landed = Deferred<SluiceError | null>;

interface Staging {
  readonly work: RowWork;
  readonly landed: Landed;
}

interface Committing {
  /** What was staged for it; null where nothing was, as no target is concerned. */
  readonly staged: RecordWrite | null;
  readonly write: RecordWrite;
  readonly error: SluiceError | null;
  readonly landed: Landed;
}

interface Keeping {
  readonly memo: MemoWrite;
  stored(): void;
}

/** What goes into one transaction. */
interface Taken {
  readonly commits: readonly Committing[];
  readonly stages: readonly Staging[];
  readonly memos: readonly Keeping[];
  readonly records: readonly RecordWrite[];
}

/**
 * A write whose content is settled when the store first looks at it, which is when its transaction begins: rows that
 * become ready until then go along, as those do that waited for the results in it.
 */
class Group implements StoreWrite {
  readonly fence: Fence;
  readonly #take: () => Taken;
  #taken: Taken | null = null;

  constructor(fence: Fence, take: () => Taken) {
    this.fence = fence;
    this.#take = take;
  }

  get taken(): Taken {
    this.#taken ??= this.#take();
    return this.#taken;
  }

  get rows() {
    return this.taken.records.flatMap(({ row }) => (row === null ? [] : [row]));
  }

  get owners() {
    return this.taken.records.flatMap(({ owners }) => owners);
  }

  get memos() {
    return this.taken.memos.map(({ memo }) => memo);
  }
}

/**
 * Brings rows to their targets: stage, apply, commit, in groups across rows. What is ready when the previous
 * transaction is durable goes into the next, and the commit of one group shares it with the stage of another.
 * The one place that writes rows to the store.
 */
export class Landing {
  readonly #options: LandingOptions;
  readonly #toStage: Staging[] = [];
  readonly #toCommit: Committing[] = [];
  readonly #memos: Keeping[] = [];
  #writing: Promise<void> | null = null;
  #lullAsked = false;
  /** Nothing more comes: what is there need not wait for others. */
  #draining = false;
  #fatal: SluiceError | null = null;

  constructor(options: LandingOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#giveUpUnstaged(), { once: true });
  }

  /** Resolves when the row is committed, or to the error when a target refused it and that is recorded. */
  land(work: RowWork): Promise<SluiceError | null> {
    if (work.stage === null) return this.#commit(work.commit);
    if (this.#fatal) return Promise.reject(this.#fatal);
    if (this.#options.signal.aborted) return Promise.reject(interrupted());
    const landed: Landed = deferred();
    this.#toStage.push({ work, landed });
    this.#wake();
    return landed.promise;
  }

  /** Records something about a row that is not a landing: a failure, a version alone. */
  async record(write: RecordWrite): Promise<void> {
    await this.#commit(write);
  }

  /** Stores a result with the next transaction. */
  keepMemo(memo: MemoWrite, stored: () => void): void {
    this.#memos.push({ memo, stored });
    this.#wake();
  }

  /** Does work while nothing of this is written: what changes the fence must not come between a write and its proof. */
  async alone(work: () => Promise<void>): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    const done = work();
    this.#writing = done
      .catch(() => {})
      .then(() => {
        this.#writing = null;
        if (this.#hasWork()) this.#wake();
      });
    await done;
  }

  /** Waits until nothing is left to write. */
  async drain(): Promise<void> {
    this.#draining = true;
    if (this.#hasWork()) this.#wake();
    while (this.#writing !== null) await this.#writing;
    if (this.#fatal) throw this.#fatal;
  }

  #commit(write: RecordWrite): Promise<SluiceError | null> {
    if (this.#fatal) return Promise.reject(this.#fatal);
    const landed: Landed = deferred();
    this.#toCommit.push({ staged: null, write, error: null, landed });
    this.#wake();
    return landed.promise;
  }

  #wake(): void {
    if (this.#writing !== null) return;
    if (this.#isDue()) this.#writing = this.#writeAll();
    else this.#wakeInLull();
  }

  /** Whether what waits fills a transaction, or has nothing to wait for. */
  #isDue(): boolean {
    if (this.#options.lull === null || this.#draining) return true;
    return this.#toStage.length + this.#toCommit.length >= groupRows || this.#memos.length >= groupMemos;
  }

  #wakeInLull(): void {
    if (this.#lullAsked) return;
    this.#lullAsked = true;
    void this.#options.lull!().then(() => {
      this.#lullAsked = false;
      if (this.#hasWork()) this.#writing ??= this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    // What becomes ready in this same turn goes into the first transaction.
    await Promise.resolve();
    do {
      if (this.#hasWork()) await this.#writeGroup();
    } while (this.#hasWork() && this.#isDue());
    // In the same turn as the last look, so that what becomes ready next starts anew.
    this.#writing = null;
    if (this.#hasWork()) this.#wake();
  }

  #hasWork(): boolean {
    if (this.#fatal !== null) return false;
    return this.#toStage.length > 0 || this.#toCommit.length > 0 || this.#memos.length > 0;
  }

  async #writeGroup(): Promise<void> {
    const group = new Group(this.#options.fence(), () => this.#take());
    try {
      await this.#options.store.write(group);
    } catch (thrown) {
      const { commits, stages } = group.taken;
      await this.#fail(toSluiceError(thrown, "internal"), commits, stages);
      return;
    }
    const { commits, stages, memos, records } = group.taken;
    const counts = { staged: stages.length, committed: commits.length, memos: memos.length };
    this.#options.report({ kind: "store-written", ...counts });
    if (records.some(({ owners }) => owners.some(({ owed }) => owed))) this.#options.owed();
    for (const { stored } of memos) stored();
    for (const { landed, error } of commits) landed.resolve(error);
    for (const staged of stages) void this.#apply(staged);
  }

  #take(): Taken {
    const commits = this.#toCommit.splice(0);
    const memos = this.#memos.splice(0);
    const stages = this.#takeStages();
    const records = [...commits.map(({ write }) => write), ...stages.map(({ work }) => work.stage!)];
    return { commits, stages, memos, records };
  }

  #takeStages(): Staging[] {
    let rows = 0;
    let bytes = 0;
    while (rows < this.#toStage.length && rows < groupRows && (rows === 0 || bytes < groupBytes)) {
      bytes += sizeOf(this.#toStage[rows]!.work);
      rows++;
    }
    return this.#toStage.splice(0, rows);
  }

  async #apply({ work, landed }: Staging): Promise<void> {
    const error = await this.#options.apply(work);
    const write = error === null ? work.commit : work.failed(error);
    const committing = { staged: work.stage, write, error, landed };
    if (this.#fatal) return this.#giveUp([committing], this.#fatal);
    // Not the row's fault: the flow is not ours any more.
    if (error && error.exitCode !== 1) return this.#fail(error, [committing], []);
    this.#toCommit.push(committing);
    this.#wake();
  }

  #giveUpUnstaged(): void {
    for (const { landed } of this.#toStage.splice(0)) landed.reject(interrupted());
  }

  /** The store failed, or the flow is lost, which ends the update: everything on its way is told so. */
  async #fail(error: SluiceError, commits: readonly Committing[], stages: readonly Staging[]): Promise<void> {
    this.#fatal = error;
    const unstaged = [...stages, ...this.#toStage.splice(0)];
    for (const { landed } of unstaged) landed.reject(error);
    await this.#giveUp([...commits, ...this.#toCommit.splice(0)], error);
  }

  /** Rows whose writes went out, and whose commit will not be made. */
  async #giveUp(rows: readonly Committing[], error: SluiceError): Promise<void> {
    const staged = rows.flatMap((row) => row.staged ?? []);
    try {
      if (error.code === "store-fenced" && staged.length > 0) await this.#options.doubt(staged);
    } catch {
      // The store can take no more of this writer; what it was refused for is the error to report.
    } finally {
      for (const { landed } of rows) landed.reject(error);
    }
  }
}

function interrupted(): SluiceError {
  return new SluiceError("interrupted", "the update was stopped");
}

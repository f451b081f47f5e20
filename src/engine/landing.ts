import type { Report } from "../contracts/events.ts";
import type { Fence, MemoWrite, RowWrite, StateStore } from "../contracts/state-store.ts";
import { SluiceError, toSluiceError } from "../errors/index.ts";
import { type Deferred, deferred } from "../kernel/deferred.ts";
import { type RowWork, sizeOf } from "./row-work.ts";

export interface LandingOptions {
  readonly store: StateStore;
  /** As it is at the time of a write. */
  fence(): Fence;
  readonly report: Report;
  /** Stops staging: rows that are not staged yet are given up, staged ones land. */
  readonly signal: AbortSignal;
  /** Applies a staged row's writes; resolves to the first error, null when all of them landed. */
  apply(work: RowWork): Promise<SluiceError | null>;
}

/** What one transaction stages at most. */
const groupRows = 256;
const groupBytes = 16 * 1024 * 1024;

interface Landed {
  readonly work: RowWork;
  readonly done: Deferred<SluiceError | null>;
}

/**
 * Brings rows to their targets: stage, apply, commit, in groups across rows. What is ready when the previous
 * transaction is durable goes into the next, and the commit of one group shares it with the stage of another.
 * The one place that writes rows to the store.
 */
export class Landing {
  readonly #options: LandingOptions;
  readonly #toStage: Landed[] = [];
  readonly #toCommit: { readonly write: RowWrite; done(): void }[] = [];
  #memos: { readonly memo: MemoWrite; stored(): void }[] = [];
  #writing: Promise<void> | null = null;
  #fatal: SluiceError | null = null;
  readonly #failedEarly = deferred<never>();

  constructor(options: LandingOptions) {
    this.#options = options;
    this.#failedEarly.promise.catch(() => {});
    options.signal.addEventListener("abort", () => this.#giveUpUnstaged(), { once: true });
  }

  /** Resolves when the row is committed, or to the error when a target refused it and that is recorded. */
  land(work: RowWork): Promise<SluiceError | null> {
    const done = deferred<SluiceError | null>();
    if (this.#fatal) return Promise.reject(this.#fatal);
    if (work.stage === null) {
      this.#toCommit.push({ write: work.commit, done: () => done.resolve(null) });
    } else {
      if (this.#options.signal.aborted) return Promise.reject(interrupted());
      this.#toStage.push({ work, done });
    }
    this.#wake();
    return Promise.race([done.promise, this.#failedEarly.promise]);
  }

  /** Records something about a row that is not a landing: a failure, a version alone. */
  record(write: RowWrite): Promise<void> {
    const done = deferred<void>();
    this.#toCommit.push({ write, done: () => done.resolve() });
    this.#wake();
    return Promise.race([done.promise, this.#failedEarly.promise]);
  }

  /** Stores a result with the next transaction. */
  keepMemo(memo: MemoWrite, stored: () => void): void {
    this.#memos.push({ memo, stored });
    this.#wake();
  }

  /** Waits until nothing is left to write. */
  async drain(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    if (this.#fatal) throw this.#fatal;
  }

  #wake(): void {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
  }

  async #writeAll(): Promise<void> {
    // What becomes ready in this same turn goes into the first transaction.
    await Promise.resolve();
    while (
      this.#fatal === null &&
      (this.#toStage.length > 0 || this.#toCommit.length > 0 || this.#memos.length > 0)
    ) {
      await this.#writeGroup();
    }
  }

  async #writeGroup(): Promise<void> {
    const commits = this.#toCommit.splice(0);
    const stages = this.#takeStages();
    const memos = this.#memos;
    this.#memos = [];
    const rows = [...commits.map(({ write }) => write), ...stages.map(({ work }) => work.stage!)];
    try {
      await this.#options.store.write({
        fence: this.#options.fence(),
        rows,
        memos: memos.map(({ memo }) => memo),
      });
    } catch (thrown) {
      this.#fail(toSluiceError(thrown, "internal"));
      return;
    }
    this.#options.report({
      kind: "store-written",
      staged: stages.length,
      committed: commits.length,
      memos: memos.length,
    });
    for (const { stored } of memos) stored();
    for (const { done } of commits) done();
    for (const staged of stages) void this.#apply(staged);
  }

  #takeStages(): Landed[] {
    let rows = 0;
    let bytes = 0;
    while (rows < this.#toStage.length && rows < groupRows && (rows === 0 || bytes < groupBytes)) {
      bytes += sizeOf(this.#toStage[rows]!.work);
      rows++;
    }
    return this.#toStage.splice(0, rows);
  }

  async #apply({ work, done }: Landed): Promise<void> {
    const error = await this.#options.apply(work);
    const write = error === null ? work.commit : work.failed(error);
    this.#toCommit.push({ write, done: () => done.resolve(error) });
    this.#wake();
  }

  #giveUpUnstaged(): void {
    for (const { done } of this.#toStage.splice(0)) done.reject(interrupted());
  }

  #fail(error: SluiceError): void {
    this.#fatal = error;
    this.#failedEarly.reject(error);
  }
}

function interrupted(): SluiceError {
  return new SluiceError("interrupted", "the update was stopped");
}

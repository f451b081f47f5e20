import type { UpdateInfo } from "../contracts/events.ts";
import type { LiveStats, LiveStatus } from "../contracts/live.ts";
import type { LiveRun } from "../engine/index.ts";
import { SluiceError } from "../errors/index.ts";
import { deferred } from "../kernel/deferred.ts";
import type { FlowUpdates } from "./flow-updates.ts";
import type { LiveUpdateOptions } from "./verb-options.ts";

/**
 * A live update of a flow: an update, then changes as they come. It ends when it is stopped, when no source tells of
 * changes, or when the store fails. Iterate over it to learn what was updated; `await using` stops it.
 *
 * @example
 * await using updater = flow.liveUpdate();
 * await updater.start();
 * for await (const { updatedSources } of updater) console.log("updated:", updatedSources);
 */
export class LiveUpdater implements AsyncIterable<LiveStatus>, AsyncDisposable {
  readonly #updates: FlowUpdates;
  readonly #options: LiveUpdateOptions;
  readonly #stop = new AbortController();
  readonly #opened = deferred<void>();
  #run: LiveRun | null = null;
  #info: Promise<UpdateInfo> | null = null;
  #isOver = false;

  /** Use `flow.liveUpdate()`. */
  constructor(updates: FlowUpdates, options: LiveUpdateOptions) {
    this.#updates = updates;
    this.#options = options;
    this.#opened.promise.catch(() => {});
  }

  /**
   * Begins. Resolves when the flow is held and its sources are being updated.
   *
   * @throws SluiceError `setup-needed`, `flow-held`, `interrupted`, and the store's own
   */
  async start(): Promise<void> {
    this.#info ??= this.#begin();
    await this.#opened.promise;
  }

  /**
   * Begins where it has not, and waits for the end: no source tells of changes, or it was stopped. Resolves to what
   * was done since it began.
   *
   * @throws SluiceError what kept it from beginning, and what of the store ended it
   */
  async wait(): Promise<UpdateInfo> {
    this.#info ??= this.#begin();
    return this.#info;
  }

  /** Stops it. Rows that are half applied are finished, within the setting `stopTimeout`. Resolves when it is over. */
  async abort(): Promise<void> {
    this.#stop.abort();
    await this.#info?.catch(() => {});
  }

  /**
   * Begins where it has not, and waits until sources have been updated since the last call. What happens in a burst
   * comes as one. Once it has ended no source is active any more.
   *
   * @throws SluiceError what kept it from beginning
   */
  async nextStatusUpdates(): Promise<LiveStatus> {
    await this.start();
    return this.#run!.nextStatus();
  }

  /** How it stands now, with rows in flight. */
  updateStats(): LiveStats {
    if (this.#run) return this.#run.stats();
    const info = this.#updates.nothingDone();
    return { flow: info.flow, state: this.#isOver ? "ended" : "starting", info, sources: {} };
  }

  /** Its statuses until it has ended; throws what of the store ended it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<LiveStatus, void, void> {
    let status: LiveStatus;
    do {
      status = await this.nextStatusUpdates();
      yield status;
    } while (status.activeSources.length > 0);
    await this.#info;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  #begin(): Promise<UpdateInfo> {
    const info = this.#beginUnlessStopped();
    info
      .catch((thrown: unknown) => this.#opened.reject(thrown))
      .finally(() => {
        this.#isOver = true;
        // Where it was stopped before it was at work.
        this.#opened.reject(new SluiceError("interrupted", "the live update was stopped"));
      });
    return info;
  }

  async #beginUnlessStopped(): Promise<UpdateInfo> {
    const { signal } = this.#options;
    const stop = () => this.#stop.abort(signal?.reason);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
    try {
      return await this.#updates.live({ ...this.#options, signal: this.#stop.signal }, (run) => {
        this.#run = run;
        this.#opened.resolve();
      });
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }
}

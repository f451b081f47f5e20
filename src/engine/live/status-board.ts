import type { LiveStatus } from "../../contracts/live.ts";
import type { Clock } from "../../kernel/clock.ts";
import { type Deferred, deferred } from "../../kernel/deferred.ts";

export interface StatusBoardOptions {
  readonly clock: Clock;
  /** The sources that are followed still. */
  active(): readonly string[];
}

/** How long what happens is gathered into one status. */
const gatherMs = 50;

/** Tells who asks which sources have been updated since the last answer; who asks at the same time gets the same one. */
export class StatusBoard {
  readonly #options: StatusBoardOptions;
  readonly #updated = new Set<string>();
  #news: Deferred<void> = deferred();
  #next: Promise<LiveStatus> | null = null;
  readonly #end = new AbortController();

  constructor(options: StatusBoardOptions) {
    this.#options = options;
  }

  updated(source: string): void {
    this.#updated.add(source);
    this.#news.resolve();
  }

  /** Nothing more will come. */
  end(): void {
    this.#end.abort();
    this.#news.resolve();
  }

  /** Resolves when there is news; at once after the end. */
  next(): Promise<LiveStatus> {
    this.#next ??= this.#gather();
    return this.#next;
  }

  async #gather(): Promise<LiveStatus> {
    const { signal } = this.#end;
    await this.#news.promise;
    // The end is not to be kept from who waits for it.
    await this.#options.clock.sleep(gatherMs, signal).catch(() => {});
    const updatedSources = [...this.#updated];
    this.#updated.clear();
    this.#next = null;
    if (!signal.aborted) this.#news = deferred();
    return { activeSources: signal.aborted ? [] : this.#options.active(), updatedSources };
  }
}

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

/** Tells who asks which sources have been updated since it asked last. */
export class StatusBoard {
  readonly #options: StatusBoardOptions;
  readonly #updated = new Set<string>();
  #news: Deferred<void> = deferred();
  #ended = false;

  constructor(options: StatusBoardOptions) {
    this.#options = options;
  }

  updated(source: string): void {
    this.#updated.add(source);
    this.#news.resolve();
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true;
    this.#news.resolve();
  }

  /** Resolves when there is news; at once after the end. */
  async next(): Promise<LiveStatus> {
    if (!this.#ended) {
      await this.#news.promise;
      // The end is not to be kept from who waits for it.
      if (!this.#ended) await this.#options.clock.sleep(gatherMs);
    }
    const updatedSources = [...this.#updated];
    this.#updated.clear();
    if (!this.#ended) this.#news = deferred();
    return { activeSources: this.#ended ? [] : this.#options.active(), updatedSources };
  }
}

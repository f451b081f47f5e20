import type { ChangeEvent, Clock, WatchOptions } from "../../../src/index.ts";
import { WakeUp } from "../../../src/kernel/wake-up.ts";
import type { RowValue } from "../world/books.ts";

export type LiveChange = ChangeEvent<unknown, RowValue>;

/** Changes that are told in one go. */
export interface Batch {
  readonly changes: readonly LiveChange[];
  /** Whoever watches has taken them. */
  taken(): void;
}

export interface WatcherOptions {
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly watch: WatchOptions;
  /** How long it takes until it listens; infinite: it never does. */
  readonly armsAfterMs: number;
}

/** One watcher of a source, from when the engine starts it until it is given up. */
export class LiveWatcher {
  readonly #options: WatcherOptions;
  readonly #batches: Batch[] = [];
  readonly #wake = new WakeUp();
  #armed = false;
  #silent = false;
  #lossy = false;
  #end: "fails" | "finishes" | null = null;

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  /** Whether it notices what happens. */
  get listens(): boolean {
    return this.#armed && !this.#silent && !this.#lossy && this.#end === null;
  }

  tell(batch: Batch): void {
    this.#batches.push(batch);
    this.#wake.call();
  }

  /** Ends it after all that it has to tell. */
  end(how: "fails" | "finishes"): void {
    this.#end = how;
    this.#silent = false;
    this.#wake.call();
  }

  fallSilent(): void {
    this.#silent = true;
  }

  missed(reason: string): void {
    if (this.#armed && !this.#silent) this.#options.watch.missed(reason);
  }

  degrade(isLossy: boolean): void {
    if (!this.#armed || this.#silent || this.#lossy === isLossy) return;
    this.#lossy = isLossy;
    this.#options.watch.degraded(isLossy ? new Error("too much happens") : null);
  }

  async *run(): AsyncGenerator<readonly LiveChange[]> {
    const { clock, watch, heartbeatMs, armsAfterMs } = this.#options;
    const { signal } = watch;
    if (Number.isFinite(armsAfterMs)) {
      if (armsAfterMs > 0) await clock.sleep(armsAfterMs, signal);
      this.#armed = true;
      watch.armed();
    }
    while (!signal.aborted) {
      const batch = this.#silent ? undefined : this.#batches.shift();
      if (batch) {
        yield batch.changes;
        batch.taken();
        continue;
      }
      if (this.#end === "fails") throw new Error("the watcher broke");
      if (this.#end === "finishes") return;
      await this.#wake.wait(clock, heartbeatMs / 3, signal);
      if (!this.#silent) watch.alive();
    }
  }
}

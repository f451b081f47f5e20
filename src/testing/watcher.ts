import type { ChangeEvent } from "../contracts/source.ts";
import { messageOf } from "../errors/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { type Deferred, deferred } from "../kernel/deferred.ts";
import { broken } from "./conformance-suite.ts";
import { Happenings } from "./happenings.ts";
import type { OpenedSource } from "./opened-source.ts";
import type { KitRow, RowSchema } from "./row-schema.ts";

export type Change = ChangeEvent<unknown, unknown>;

export interface WatcherSettings {
  readonly opened: OpenedSource;
  readonly schema: RowSchema;
  /** How long it may take to listen, to tell of a change, and to end. */
  readonly timeoutMs: number;
  /** Called while the watcher is calling `armed`. */
  readonly onArmed?: () => void;
  /** Whether it is aborted before it is started. */
  readonly isAborted?: boolean;
}

/** A change, with the key of its row in a form that can be compared. */
interface Told {
  readonly id: string;
  readonly change: Change;
}

/** What did not come, in words. */
type Lack = string | (() => string);

/** A watcher of an opened source, as a live update has one: it goes through the changes, and remembers all. */
export class Watcher {
  readonly #settings: WatcherSettings;
  readonly #abort = new AbortController();
  readonly #told: Told[] = [];
  /** What it said of changes that it does not tell. */
  readonly #remarks: string[] = [];
  readonly #late: string[] = [];
  readonly #happenings = new Happenings();
  #signs = 0;
  #misses = 0;
  #isDegraded = false;
  #isArmed = false;
  #isForgotten = false;
  /** A key that was told, and that the source's schema does not take. */
  #unfit: string | null = null;
  /** Set once it is over: what it threw, or null. */
  #end: { readonly error: unknown } | null = null;
  #hold: Deferred<void> | null = null;

  private constructor(settings: WatcherSettings) {
    this.#settings = settings;
  }

  static start(settings: WatcherSettings): Watcher {
    const watcher = new Watcher(settings);
    if (settings.isAborted) watcher.#abortNow();
    void watcher.#goThrough().then(
      () => watcher.#ended(null),
      (thrown: unknown) => watcher.#ended(thrown),
    );
    return watcher;
  }

  /** How many changes were told by now. */
  get mark(): number {
    return this.#told.length;
  }

  get changes(): readonly Change[] {
    return this.#told.map(({ change }) => change);
  }

  /** How often it said that changes may have been missed. */
  get misses(): number {
    return this.#misses;
  }

  /** Whether it need not have told a change, since the source is listed again: by what it said since so many misses. */
  isExcused(misses: number): boolean {
    return this.#misses > misses || this.#isDegraded || this.#end !== null;
  }

  /** What it called after it had ended. */
  get late(): readonly string[] {
    return this.#late;
  }

  /** Resolves when it listens. */
  async armed(): Promise<void> {
    await this.until("the watcher did not call `armed`", () => this.#isArmed);
  }

  /** Resolves at the next sign of life, which must come in time. */
  async sign(withinMs: number): Promise<void> {
    const before = this.#signs;
    await this.until("the watcher gave no sign of life", () => this.#signs > before, withinMs);
  }

  /** The changes of a row that were told since `mark`. */
  toldOf(row: KitRow, mark = 0): readonly Change[] {
    const { opened, schema } = this.#settings;
    const id = opened.idOf(schema.givenKey(row.key));
    return this.#told.slice(mark).flatMap((told) => (told.id === id ? [told.change] : []));
  }

  /** Resolves when each row was told since `mark`, to what was told of the first one last. */
  async tells(what: string, rows: readonly KitRow[], mark = 0): Promise<Change> {
    const untold = () => rows.find((row) => this.toldOf(row, mark).length === 0);
    await this.until(
      () => `no change told the key ${this.#settings.schema.show(untold()!)}, ${what}`,
      () => untold() === undefined,
    );
    return this.toldOf(rows[0]!, mark).at(-1)!;
  }

  /** Resolves once a condition holds; fails, saying what is lacking, when the watcher ends first or it takes too long. */
  async until(lack: Lack, holds: () => boolean, ms = this.#settings.timeoutMs): Promise<void> {
    const cannot = () => this.#end !== null || this.#unfit !== null;
    await this.#happenings.until(() => holds() || cannot(), ms);
    if (holds()) return;
    if (this.#unfit !== null) broken(this.#unfit);
    const how = this.#end ? `: it ${this.#howItEnded()}` : ` within ${ms} ms`;
    const text = typeof lack === "string" ? lack : lack();
    broken([`${text}${how}`, ...this.#remarks.slice(0, 2)].join("; "));
  }

  /** Asks for nothing more until the result is called. */
  hold(): () => void {
    const hold = deferred<void>();
    this.#hold = hold;
    return () => hold.resolve();
  }

  /** Aborts it; fails unless it ends then, and soon. That it was aborted is all that it may throw. */
  async stop(): Promise<void> {
    const { signal } = this.#abort;
    if (this.#end && !signal.aborted) broken(`the watcher ${this.#howItEnded()}, unasked`);
    await this.giveUp();
    if (!this.#end) broken(`a watcher that was aborted did not end within ${this.#settings.timeoutMs} ms`);
    const { error } = this.#end;
    if (error !== null && !isAbort(error, signal))
      broken(`a watcher that was aborted threw, where it should end: ${messageOf(error)}`);
  }

  /** Aborts it, and waits until it has ended, or time is up. */
  async giveUp(): Promise<void> {
    this.#abortNow();
    await this.#happenings.until(() => this.#end !== null, this.#settings.timeoutMs);
    this.#isForgotten = true;
  }

  #abortNow(): void {
    this.#abort.abort(new Error("the kit has aborted the watcher"));
    this.#hold?.resolve();
  }

  async #goThrough(): Promise<void> {
    const { onArmed } = this.#settings;
    const changes = this.#settings.opened.watch({
      signal: this.#abort.signal,
      armed: () => {
        this.#isArmed = true;
        this.#called("armed");
        onArmed?.();
      },
      alive: () => this.#called("alive"),
      missed: (reason) => {
        this.#misses++;
        this.#called("missed", `it said that changes may be missed: ${reason ?? "for caution's sake"}`);
      },
      degraded: (reason) => {
        this.#isDegraded = reason !== null;
        this.#called("degraded", this.#isDegraded && `it said that it is degraded: ${messageOf(reason)}`);
      },
    });
    for await (const page of changes) {
      if (this.#isForgotten) return;
      for (const change of page) this.#tell(change);
      this.#called("yield");
      await this.#hold?.promise;
      // One that yields for ever must leave time for its being noticed.
      if (this.#abort.signal.aborted) await systemClock.idle();
    }
  }

  #tell(change: Change): void {
    try {
      this.#told.push({ id: this.#settings.opened.idOf(change.key, "a change told"), change });
    } catch (thrown) {
      this.#unfit ??= messageOf(thrown);
    }
  }

  #called(call: string, remark: string | false = false): void {
    this.#signs++;
    if (remark !== false) this.#remarks.push(remark);
    if (this.#end) this.#late.push(call);
    this.#happenings.happened();
  }

  #ended(error: unknown): void {
    this.#end = { error };
    this.#happenings.happened();
  }

  #howItEnded(): string {
    const { error } = this.#end!;
    return error === null ? "ended by itself" : `threw: ${messageOf(error)}`;
  }
}

/** Whether this is what the platform's own iterables throw when their signal aborts. */
function isAbort(error: unknown, { reason }: AbortSignal): boolean {
  return error === reason || (error instanceof Error && error.name === "AbortError");
}

import type { SourceId } from "../../contracts/state-store.ts";
import { WakeUp } from "../../kernel/wake-up.ts";
import { cleanUp, isWhole, type Remains } from "../clean-up.ts";
import { decodeFailureRecord, type FailureRecord } from "../failure-record.ts";
import type { OwnerRecord } from "../owner-record.ts";
import type { Run } from "../run.ts";
import { settleOwed } from "../settle-owed.ts";
import type { TargetIndex } from "../target-index.ts";
import type { UpdateOptions } from "../update-options.ts";
import type { LiveSource } from "./live-source.ts";

export interface SettlingOptions {
  readonly run: Run;
  readonly options: UpdateOptions;
  readonly sources: ReadonlyMap<SourceId, LiveSource>;
  readonly targets: TargetIndex;
  /** Whether a target key that failed so is to be tried now. */
  isDue(failure: FailureRecord): boolean;
}

/** How long target keys that are owed something wait for changes to come to rest. */
const longestUnrestMs = 1_000;

/** Brings shared target keys to what their rows ask for, once changes have come to rest, and clears away what nobody yields. */
export class Settling {
  readonly #options: SettlingOptions;
  readonly #wake = new WakeUp();
  #needed = false;
  #remains: Remains;
  /** There is something to clear away as soon as every source has been looked at wholly. */
  #unfinished = false;
  /** One at a time. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: SettlingOptions) {
    this.#options = options;
    this.#remains = options.options.bindings;
  }

  /** Whether a pass could not clear away what nobody yields, as sources could not be listed or new rows failed. */
  get unfinished(): boolean {
    return this.#unfinished;
  }

  /** Target keys may be owed something, or what kept a pass from clearing up may be over. */
  wake(): void {
    if (this.#options.run.owners.targets.length === 0 && !this.#unfinished) return;
    this.#needed = true;
    this.#wake.call();
  }

  /** Settles whenever there is need to, until the run stops. */
  async keepSettling(): Promise<void> {
    const { clock, signal } = this.#options.run;
    while (!signal.aborted) {
      if (!this.#needed) {
        await this.#wake.wait(clock, Number.POSITIVE_INFINITY, signal);
        continue;
      }
      await this.#untilQuiet();
      this.#needed = false;
      if (!signal.aborted) await (this.#unfinished ? this.finishPass() : this.settle());
    }
  }

  /** Settles what is owed and can be settled now. */
  settle(): Promise<void> {
    return this.#inTurn(() => this.#settleOwed());
  }

  /** After a pass over all sources: what nobody yields any more goes as well, if the pass was whole. */
  finishPass(): Promise<void> {
    return this.#inTurn(async () => {
      const cleaned = await this.#cleanUp();
      await this.#settleOwed();
      const { options, run } = this.#options;
      if (cleaned.gone.length > 0) await run.landing.alone(() => options.forgetSources(cleaned.gone));
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#options.run;
    const done = this.#turn.then(work).catch((thrown: unknown) => {
      // What is given up midway is taken up by the next update.
      if (!signal.aborted) throw thrown;
    });
    this.#turn = done.catch(() => {});
    return done;
  }

  async #cleanUp(): Promise<Remains> {
    const { run, targets, options, sources } = this.#options;
    const remains = this.#remains;
    const nothing = remains.gone.length === 0 && remains.adopted.length === 0;
    this.#unfinished = !nothing && !isWhole(run, [...sources.values()]);
    if (nothing || this.#unfinished) return { gone: [], adopted: [] };
    const alone: UpdateOptions = {
      ...options,
      adoptionsSettled: (ids) => run.landing.alone(() => options.adoptionsSettled(ids)),
    };
    const cleaned = await cleanUp({ run, targets, options: alone, remains });
    this.#remains = {
      gone: remains.gone.filter((source) => !cleaned.gone.includes(source)),
      adopted: remains.adopted.filter((target) => !cleaned.adopted.includes(target)),
    };
    return cleaned;
  }

  async #settleOwed(): Promise<void> {
    const { run, targets, sources } = this.#options;
    const open = new Map([...sources].filter(([, source]) => source.isOpen));
    await settleOwed({ run, heirs: open, targets, later: (record) => this.#isForLater(record) });
  }

  /** A key that nobody claims may be claimed by a row that is listed soon: it must not be away in between. */
  #isForLater({ claims, failure }: OwnerRecord): boolean {
    const { sources, isDue } = this.#options;
    if (claims.length === 0 && [...sources.values()].some(({ isListing }) => isListing)) return true;
    return failure !== null && !isDue(decodeFailureRecord(failure));
  }

  async #untilQuiet(): Promise<void> {
    const { run, sources } = this.#options;
    const quiet = new WakeUp();
    void Promise.all([...sources.values()].map((source) => source.whenIdle())).then(() => quiet.call());
    await quiet.wait(run.clock, longestUnrestMs, run.signal);
  }
}

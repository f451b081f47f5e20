import type { Clock, WatchOptions } from "../../../src/index.ts";
import type { Case, Edit } from "../case.ts";
import type { SourceShape } from "../flow-shape.ts";
import { type BookRow, keyText, rowValue, sourceKey, versionsOf } from "../world/books.ts";
import type { Following } from "../world/simulated-source.ts";
import type { Acknowledgements, ToldChange } from "./acknowledgements.ts";
import type { LiveBooks } from "./live-books.ts";
import type { FollowingShape, Telling, WatcherTrouble } from "./live-round.ts";
import { type Batch, type LiveChange, LiveWatcher } from "./live-watcher.ts";

export type Watch = (options: WatchOptions) => AsyncIterable<readonly LiveChange[]>;

export interface FeedOptions {
  readonly simulated: Case;
  readonly clock: Clock;
  readonly books: LiveBooks;
  readonly acknowledgements: Acknowledgements;
  log(line: string): void;
  /** A watcher that does not do as it should: what the soak must find out. */
  readonly sabotage: ((watch: Watch) => Watch) | undefined;
}

/** A change of a row, and the number of the state that it brought about. */
export interface NumberedEdit {
  readonly edit: Edit;
  readonly state: number;
}

interface Followed {
  readonly source: SourceShape;
  watcher: LiveWatcher | null;
}

interface Start {
  readonly does: WatcherTrouble;
  readonly until: number;
  readonly forMs: number;
}

const slowAcknowledgementMs = 5_000;

/** Tells of the changes of books, for all sources of a process. */
export class LiveFeed {
  /** Watchers that were started and have not closed yet. */
  watching = 0;
  /** Sources that were opened and not closed. */
  opened = 0;
  /** What listings of the process at work were given. */
  listingSignal: AbortSignal | null = null;
  readonly #options: FeedOptions;
  #followed = new Map<string, Followed>();
  /** What is the matter with watchers that are started from now on. */
  readonly #starts = new Map<string, Start>();

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** For a process that begins. */
  following(
    sources: readonly SourceShape[],
    shapes: Readonly<Record<string, FollowingShape>>,
  ): ReadonlyMap<string, Following> {
    this.#followed = new Map(sources.map((source) => [source.name, { source, watcher: null }]));
    return new Map(sources.map((source) => [source.name, this.#followingOf(source, shapes[source.name]!)]));
  }

  /** Tells of changes as the source does; what nobody listens to is lost. */
  tell(telling: Telling, edits: readonly NumberedEdit[]): void {
    const followed = this.#followed.get(telling.source);
    const watcher = followed?.watcher;
    if (!followed || !watcher?.listens) return;
    if (telling.missed) watcher.missed("something was dropped");
    else watcher.tell(this.#batchOf(followed.source, telling, edits));
  }

  #batchOf(source: SourceShape, telling: Telling, edits: readonly NumberedEdit[]): Batch {
    const chosen = telling.edits.flatMap((i) => edits[i] ?? []);
    const of = chosen.filter(({ edit }) => edit.book === source.book);
    const told: ToldChange[] = [];
    const changes = of.map((edit) => this.#changeOf(source, edit, { telling, told }));
    const taken = () => {
      this.#options.log(`TOLD by ${source.name}: ${JSON.stringify(changes)}`);
      this.#options.acknowledgements.taken(source.name, changes.length);
      for (const one of told) one.taken = true;
    };
    return { changes, taken };
  }

  begin(source: string, does: WatcherTrouble, forMs: number): void {
    const watcher = this.#followed.get(source)?.watcher;
    const until = this.#options.clock.monotonic() + forMs;
    if (does === "is silent") watcher?.fallSilent();
    else if (does === "degrades") watcher?.degrade(true);
    else {
      if (does !== "throws" && does !== "ends") this.#starts.set(source, { does, forMs, until });
      watcher?.end(does === "ends" ? "finishes" : "fails");
    }
  }

  end(source: string, does: WatcherTrouble): void {
    if (does === "degrades") this.#followed.get(source)?.watcher?.degrade(false);
    else if (does === "never arms") this.#heal(source);
  }

  /** Nothing is the matter with any watcher that is started from now on; those with which something is end. */
  heal(): void {
    for (const source of this.#followed.keys()) this.#heal(source);
    this.#starts.clear();
  }

  #heal(source: string): void {
    const watcher = this.#followed.get(source)?.watcher;
    if (watcher && !watcher.listens) watcher.end("fails");
  }

  #followingOf({ name }: SourceShape, shape: FollowingShape): Following {
    const { sabotage } = this.#options;
    const { watched, refreshMs, heartbeatMs } = shape;
    const watch: Watch = (options) => this.#watch(name, shape, options);
    return {
      refreshMs,
      heartbeatMs,
      watch: watched ? (sabotage?.(watch) ?? watch) : null,
      opened: () => {
        this.opened++;
      },
      closed: () => {
        this.opened--;
      },
      listing: (signal) => {
        this.listingSignal = signal;
      },
    };
  }

  async *#watch(
    name: string,
    { heartbeatMs, armingMs }: FollowingShape,
    watch: WatchOptions,
  ): AsyncGenerator<readonly LiveChange[]> {
    this.watching++;
    const followed = this.#followed.get(name)!;
    try {
      const { clock } = this.#options;
      const armsAfterMs = this.#armsLateBy(name) + armingMs;
      const watcher = new LiveWatcher({ clock, heartbeatMs, watch, armsAfterMs });
      followed.watcher = watcher;
      yield* watcher.run();
    } finally {
      this.watching--;
    }
  }

  /** What keeps the next watcher of a source from listening; throws where none starts. */
  #armsLateBy(name: string): number {
    const start = this.#starts.get(name);
    if (!start) return 0;
    if (start.does === "does not start") {
      if (this.#options.clock.monotonic() < start.until) throw new Error("the watcher does not start");
    }
    this.#starts.delete(name);
    if (start.does === "never arms") return Number.POSITIVE_INFINITY;
    return start.does === "arms late" ? start.forMs : 0;
  }

  #changeOf(
    source: SourceShape,
    { edit, state }: NumberedEdit,
    { telling, told }: { readonly telling: Telling; readonly told: ToldChange[] },
  ): LiveChange {
    const { simulated, books, acknowledgements } = this.#options;
    const key = "put" in edit ? edit.put : edit.remove;
    const book = simulated.books[source.book]!;
    const now = books.now.get(source.book)!.get(keyText(key)) ?? null;
    const former = telling.carries === "former value" ? this.#formerOf(source, { edit, state }, now) : null;
    const row = former ?? now;
    const said = {
      key: sourceKey(book, key),
      ...(telling.carries === "key" ? {} : row ? versionsOf(book, row.row) : { deleted: true }),
      ...(telling.carries.endsWith("value") && row ? { value: rowValue(row, source.edition) } : {}),
    };
    if (telling.acknowledge === "not") return said;
    const latest = books.stateOf(source.book, keyText(key));
    const one = acknowledgements.add({ source, key, state: former ? state : latest });
    told.push(one);
    return { ...said, acknowledge: () => this.#acknowledged(one, telling) };
  }

  /** A value that is not true any more may be told only where it says that it is older than what is there. */
  #formerOf(source: SourceShape, { edit, state }: NumberedEdit, now: BookRow | null): BookRow | null {
    const { simulated, books } = this.#options;
    const { versions } = simulated.books[source.book]!;
    if ((versions !== "ordinal" && versions !== "both") || !("put" in edit)) return null;
    const former = books.state(source.book, keyText(edit.put), state);
    return former && now && former.row.v < now.row.v ? former : null;
  }

  async #acknowledged(one: ToldChange, { acknowledge }: Telling): Promise<void> {
    await this.#options.acknowledgements.acknowledge(one);
    if (acknowledge === "slowly") await this.#options.clock.sleep(slowAcknowledgementMs);
    if (acknowledge === "throws") throw new Error("the source does not take it");
  }
}

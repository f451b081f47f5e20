import type { SourceUse } from "../contracts/source.ts";
import { type ConformancePlace, ConformancePlaces, cleanedUp } from "./conformance-place.ts";
import { broken, type RuleGroup, type Rules } from "./conformance-suite.ts";
import { type Entry, namesAt, noWatch, OpenedSource, type SourceSettings } from "./opened-source.ts";
import { RowSamples } from "./row-samples.ts";
import { brief, type ForeignRow, type KitRow, RowSchema } from "./row-schema.ts";
import type { Restore, SourceConformanceOptions } from "./source-conformance-options.ts";
import { SourceFlow } from "./source-flow.ts";
import { SourceNeeds } from "./source-needs.ts";
import { Watcher, type WatcherSettings } from "./watcher.ts";

export type SourceRules = Rules<SourceBench>;
export type SourceRuleGroup = RuleGroup<SourceBench>;

/** What one case works with: a source that nothing else reads, and the system behind it. */
export class SourceBench {
  readonly options: SourceConformanceOptions;
  readonly samples: RowSamples;
  readonly schema: RowSchema;
  readonly place: ConformancePlace;
  readonly #places: ConformancePlaces;
  readonly #opened: OpenedSource[] = [];
  readonly #watchers: Watcher[] = [];
  readonly #undo = new Set<Restore>();
  readonly #needs: SourceNeeds[] = [];
  #use: SourceUse<unknown> | null = null;
  readonly #flows: SourceFlow[] = [];

  private constructor(options: SourceConformanceOptions) {
    this.options = options;
    this.schema = new RowSchema(options.key, options.value);
    this.samples = new RowSamples({
      schema: this.schema,
      given: options.rows ?? [],
      numberedKey: options.numberedKey ?? null,
    });
    this.#places = new ConformancePlaces();
    this.place = this.#places.next();
  }

  static async with(
    options: SourceConformanceOptions,
    check: (bench: SourceBench) => Promise<void>,
  ): Promise<void> {
    const bench = new SourceBench(options);
    const checkAll = async () => {
      await options.outside.create?.(bench.place);
      await check(bench);
    };
    await cleanedUp(checkAll, () => bench.#dispose());
  }

  get manyRows(): number {
    return this.options.manyRows ?? 1_100;
  }

  get seed(): number {
    return this.options.seed ?? 1;
  }

  get callTimeoutMs(): number {
    return this.options.callTimeoutMs ?? 30_000;
  }

  get watchTimeoutMs(): number {
    return this.options.watchTimeoutMs ?? 30_000;
  }

  async use(): Promise<SourceUse<unknown>> {
    this.#use ??= await this.options.source(this.place);
    return this.#use;
  }

  /** What a source of this name needs beside its rows; removed with the case at the latest. */
  async needs(sourceName = "rows"): Promise<SourceNeeds> {
    const { place, callTimeoutMs } = this;
    const names = namesAt(place, sourceName);
    const needs = new SourceNeeds({ use: await this.use(), place, names, callTimeoutMs });
    this.#needs.push(needs);
    return needs;
  }

  /** What is there outside for sources beside their rows. */
  async outsideNeeds(): Promise<readonly string[]> {
    return [...(await this.options.outside.needs!(this.place))].sort();
  }

  /** Opens the source, set up as a flow does where it is said to have a setup, for as long as the case lasts. */
  async open(): Promise<OpenedSource> {
    if (this.options.capabilities?.setsUp) await (await this.needs()).create();
    return this.openAsIs();
  }

  /** Opens the source without setting it up. */
  async openAsIs(): Promise<OpenedSource> {
    const { place, schema, callTimeoutMs } = this;
    const settings: SourceSettings = { use: await this.use(), place, schema, callTimeoutMs };
    const opened = await OpenedSource.open(settings);
    this.#opened.push(opened);
    return opened;
  }

  /** Fails where the source has no `watch`. */
  async expectWatch(): Promise<void> {
    if ((await this.use()).definition.watch === null) broken(noWatch);
  }

  /** Starts a watcher of an opened source, which ends with the case at the latest. */
  startWatcher(opened: OpenedSource, more: Pick<WatcherSettings, "onArmed" | "isAborted"> = {}): Watcher {
    const { schema, watchTimeoutMs: timeoutMs } = this;
    const watcher = Watcher.start({ opened, schema, timeoutMs, ...more });
    this.#watchers.push(watcher);
    return watcher;
  }

  /** A watcher that listens. */
  async watch(opened: OpenedSource): Promise<Watcher> {
    const watcher = this.startWatcher(opened);
    await watcher.armed();
    return watcher;
  }

  async write(...rows: readonly KitRow[]): Promise<void> {
    for (const { key, value } of rows) {
      await this.options.outside.write(this.place, this.schema.givenKey(key), value);
    }
  }

  async remove(...rows: readonly KitRow[]): Promise<void> {
    for (const { key } of rows) await this.options.outside.remove(this.place, this.schema.givenKey(key));
  }

  async touch({ key }: KitRow): Promise<void> {
    await this.options.outside.touch!(this.place, this.schema.givenKey(key));
  }

  async rename(from: KitRow, to: KitRow): Promise<void> {
    const [before, after] = [this.schema.givenKey(from.key), this.schema.givenKey(to.key)];
    await this.options.outside.rename!(this.place, before, after);
  }

  /** Lets what was written become old enough for its versions to be trusted. */
  async settle(): Promise<void> {
    await this.options.outside.settle?.(this.place);
  }

  /** Spoils the source until the result is called, or the case ends. */
  async spoil(how: "makeUnreadable" | "makeUnreachable"): Promise<Restore> {
    const undo = await this.options.outside[how]!(this.place);
    this.#undo.add(undo);
    return async () => {
      if (this.#undo.delete(undo)) await undo();
    };
  }

  /** The flow of the case, which reads the source. */
  async flow(): Promise<SourceFlow> {
    return this.#flows[0] ?? this.newFlow();
  }

  /** A flow that reads the source and knows nothing of it yet. */
  async newFlow(): Promise<SourceFlow> {
    const { schema, watchTimeoutMs } = this;
    const { appDirectory } = this.place;
    const flow = new SourceFlow({ use: await this.use(), appDirectory, schema, watchTimeoutMs });
    this.#flows.push(flow);
    return flow;
  }

  /** Fails unless the listing has just these rows, and each reads as it should. */
  async expectRows(opened: OpenedSource, rows: readonly KitRow[], when: string): Promise<void> {
    const entries = await opened.list();
    this.schema.expectSame(await this.#read(opened, entries), rows, `${when} the source`);
  }

  async #read(opened: OpenedSource, entries: readonly Entry[]): Promise<ForeignRow[]> {
    const rows: ForeignRow[] = [];
    for (const { key } of entries) {
      const found = await opened.get(key);
      if (found === null) broken(`the row ${brief(key)} is listed, and getValue says that it is gone`);
      rows.push({ key, value: found.value });
    }
    return rows;
  }

  async #dispose(): Promise<void> {
    for (const undo of this.#undo) await undo();
    await Promise.all(this.#flows.map((flow) => flow.close()));
    await Promise.all(this.#watchers.map((watcher) => watcher.giveUp()));
    for (const opened of this.#opened) await opened.close().catch(() => {});
    for (const needs of this.#needs) await needs.remove().catch(() => {});
    await this.#places.dispose((place) => this.options.cleanUp?.(place));
  }
}

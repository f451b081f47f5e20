import { afterEach, beforeEach } from "vitest";
import {
  configure,
  defineFlow,
  type EngineEvent,
  type Flow,
  type LiveUpdateOptions,
  type LiveUpdater,
} from "../../src/index.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { MemoryState, openMemoryStore } from "../../src/stores/memory/index.ts";
import { Feed } from "./feed.ts";
import { ManualClock } from "./manual-clock.ts";
import type { Notebook } from "./notebook.ts";
import { textFunction } from "./text-function.ts";
import { until } from "./until.ts";
import { type TextFunction, useWorld, type World } from "./use-world.ts";

type EventOf<K extends EngineEvent["kind"]> = Extract<EngineEvent, { kind: K }>;

/** What a test says of the flow that is followed. */
export interface LiveShape {
  readonly name?: string;
  readonly watched?: boolean;
  readonly inline?: boolean;
  readonly heartbeat?: string;
  readonly refreshInterval?: string;
  readonly through?: TextFunction;
  /** The shelf that its rows go to. */
  readonly shelf?: string;
}

/** A watched notebook that is followed, on a clock that moves when a test says so. */
export class Live {
  readonly world: World;
  feed = new Feed();
  clock = new ManualClock();
  events: EngineEvent[] = [];
  readonly #updaters: LiveUpdater[] = [];

  constructor(world: World) {
    this.world = world;
  }

  get notebook(): Notebook {
    return this.world.notebook;
  }

  begin(): void {
    this.feed = new Feed();
    this.clock = new ManualClock();
    this.events = [];
    configure({
      clock: this.clock,
      random: seededRandom(1),
      store: openMemoryStore({ state: this.world.state, clock: this.clock }),
    });
  }

  async end(): Promise<void> {
    for (const updater of this.#updaters.splice(0)) await updater.abort();
  }

  /** From the notebook's pages to a shelf, in capitals unless it goes through another function. */
  define(shape: LiveShape = {}): Flow {
    const { name = "Live", watched = true, inline = false, heartbeat, refreshInterval, shelf = "s" } = shape;
    const { through = loud } = shape;
    const pages = this.feed.source(this.notebook, { inline, ...(heartbeat ? { heartbeat } : {}) });
    return this.world.keep(
      defineFlow(name, (builder) => {
        const out = builder.addCollector<{ id: string; text: string }>();
        builder
          .addSource("pages", pages({ watched }), refreshInterval ? { refreshInterval } : {})
          .forEachRow((page) => out.collect({ id: page.id, text: page.text.transform(through) }));
        out.export("Out", this.world.library.target()({ shelf }), { primaryKeyFields: ["id"] });
      }),
    );
  }

  /** An updater that is stopped at the end of the test. */
  updater(flow: Flow, options: LiveUpdateOptions = {}): LiveUpdater {
    const updater = flow.liveUpdate({ report: (event) => this.events.push(event), ...options });
    this.#updaters.push(updater);
    return updater;
  }

  /** Sets the flow up and follows it, once it has caught up. */
  async follow(flow: Flow, options: LiveUpdateOptions = {}): Promise<LiveUpdater> {
    await flow.setup();
    const updater = this.updater(flow, options);
    await updater.start();
    await until(() => updater.updateStats().state === "following", "catching up");
    return updater;
  }

  /** Writes a page and tells of it. */
  edit(id: string, text: string): void {
    this.notebook.write(id, text);
    this.feed.touch(id);
  }

  /** Removes a page and tells of it, without a word of what has become of it. */
  remove(...ids: readonly string[]): void {
    for (const id of ids) this.notebook.remove(id);
    this.feed.touch(...ids);
  }

  /** What the target holds. */
  rows(shelf = "s"): Record<string, string> {
    const held = this.world.library.rows(shelf);
    return Object.fromEntries(held.map(([id, value]) => [id, (value as { text: string }).text]));
  }

  /** What it should hold. */
  wanted(): Record<string, string> {
    const pages = [...this.notebook.pages].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(pages.map(([id, { text }]) => [id, text.toUpperCase()]));
  }

  /** Waits until the target holds what it should. */
  async untilFresh(): Promise<void> {
    await until(
      () => JSON.stringify(this.rows()) === JSON.stringify(this.wanted()),
      "the target's freshness",
    );
  }

  /** The events of one kind so far. */
  heard<K extends EngineEvent["kind"]>(kind: K): EventOf<K>[] {
    return this.events.filter((event): event is EventOf<K> => event.kind === kind);
  }

  /** Why sources were listed so far, in order. */
  get listings(): string[] {
    return this.heard("listing-started").map(({ reason }) => reason);
  }

  /** Another store, in which nothing is known, for what is configured from now on. */
  forgetStore(): void {
    this.world.state = new MemoryState();
    configure({ store: openMemoryStore({ state: this.world.state, clock: this.clock }) });
  }
}

export const loud = textFunction("loud", (text) => text.toUpperCase());

/** A followed notebook for the tests of this file. */
export function useLive(): Live {
  const live = new Live(useWorld());
  beforeEach(() => live.begin());
  afterEach(() => live.end());
  return live;
}

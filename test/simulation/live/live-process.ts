import type { StateStore } from "../../../src/contracts/state-store.ts";
import {
  type Flow,
  isSluiceError,
  type LiveUpdater,
  type UpdateFlowOptions,
  type UpdateInfo,
} from "../../../src/index.ts";
import type { FlowShape } from "../flow-shape.ts";
import { defineFlowShape } from "../world/define-flow-shape.ts";
import { faultyStore } from "../world/faulty-store.ts";
import { Ports } from "../world/ports.ts";
import { configureFor, type OpenedStore } from "../world/process.ts";
import type { LiveWorld } from "./live-world.ts";

/** How a process came to its end. */
export interface LiveEnd {
  readonly info: UpdateInfo | null;
  readonly thrown: unknown;
}

/** One process: a store opened, a flow defined, a live update of it. */
export class LiveProcess {
  readonly ports: Ports;
  readonly flow: Flow;
  readonly shape: FlowShape;
  /** The signal that the live update was given. */
  readonly signal: AbortSignal;
  /** What was asked for beside the live update and has not been answered. */
  readonly asked = new Set<Promise<unknown>>();
  updater: LiveUpdater | null = null;
  /** The statuses that it told, and whether these have come to an end. */
  readonly statuses = { count: 0, ended: false };
  stopAsked = false;
  readonly #world: LiveWorld;
  readonly #opened: OpenedStore;
  readonly #stopping = new AbortController();
  readonly #unheard: unknown[] = [];

  private constructor(world: LiveWorld, shape: FlowShape, opened: OpenedStore) {
    const { simulated, clock, backends, books, feed, round, skies } = world;
    const ports = new Ports({ jitter: simulated.jitter, clock, end: () => this.#die() });
    ports.begin({ faultAt: skies.faultAt, stop: () => {} });
    configureFor(simulated, { clock, store: faultyStore(opened.store, ports) });
    this.#world = world;
    this.#opened = opened;
    this.ports = ports;
    this.shape = shape;
    this.signal = this.#stopping.signal;
    const following = feed.following(shape.sources, round.following);
    const now = { books: books.now, ahead: books.now };
    this.flow = defineFlowShape(shape, { simulated, ...now, backends, ports, following });
  }

  static async open(world: LiveWorld, shape: FlowShape): Promise<LiveProcess> {
    const opened = await world.openStore();
    world.acknowledgements.begin(opened.store);
    try {
      return new LiveProcess(world, shape, opened);
    } catch (thrown) {
      await opened.close();
      throw thrown;
    }
  }

  /** The store itself, past every fault. */
  get store(): StateStore {
    return this.#opened.store;
  }

  /** Sets the flow up and keeps it live until it is stopped, or something ends it. */
  async run(): Promise<LiveEnd> {
    const { round, log } = this.#world;
    try {
      await this.flow.setup({ signal: this.signal, report: log.hear });
      const { allowDeletions } = round;
      this.updater = this.flow.liveUpdate({ signal: this.signal, report: log.hear, allowDeletions });
      const watched = this.#watchStatuses(this.updater);
      const info = await this.updater.wait().finally(() => watched);
      return { info, thrown: null };
    } catch (thrown) {
      return { info: null, thrown };
    } finally {
      await Promise.allSettled(this.asked);
    }
  }

  async stop(how: "abort" | "signal" | "abort while asked"): Promise<void> {
    this.stopAsked = true;
    if (how === "abort while asked") this.ask({});
    if (how === "signal" || !this.updater) this.#stopping.abort();
    else await this.updater.abort();
  }

  /** Asks for an update beside the live one. */
  ask(options: UpdateFlowOptions): Promise<UpdateInfo | null> {
    const { log } = this.#world;
    // A store on disk takes its time, which the clock of the round knows nothing of: the setup may still hold the flow.
    const isBeginning = this.updater === null;
    const asked = this.flow.update({ ...options, signal: this.signal }).catch((thrown: unknown) => {
      log.note(`asked in vain: ${String(thrown)}`);
      const isHeld = isBeginning && isSluiceError(thrown) && thrown.code === "flow-held";
      const may = this.stopAsked || this.ports.ended || this.hasBroken || isHeld;
      if (!may && !isRefused(thrown)) this.#unheard.push(thrown);
      return null;
    });
    this.asked.add(asked);
    void asked.finally(() => this.asked.delete(asked));
    return asked;
  }

  /** Whether something went wrong that may end a live update. */
  get hasBroken(): boolean {
    return this.ports.struck.some(({ port, how }) => fatal.has(port) && how !== "slow");
  }

  /** Updates that were refused for no reason. */
  get refused(): readonly unknown[] {
    return this.#unheard;
  }

  async close(): Promise<void> {
    this.flow.close();
    await this.#opened.close();
  }

  /** Ends it as it stands, though it may never answer: another may be defined and opened after that. */
  async cutOff(): Promise<void> {
    this.#die();
    await this.close();
  }

  #die(): void {
    this.#opened.end();
    // It has no effect on anything any more, and is not to go on for ever in this process.
    this.#stopping.abort();
  }

  async #watchStatuses(updater: LiveUpdater): Promise<void> {
    try {
      for await (const { activeSources } of updater) {
        this.statuses.count++;
        this.statuses.ended = activeSources.length === 0;
      }
    } catch {
      // What ended the live update; whoever waits for that is told.
      this.statuses.ended = true;
    }
  }
}

const fatal: ReadonlySet<string> = new Set(["store.write", "store.read", "setup"]);

/** What is asked of a live update that ends by itself. */
function isRefused(thrown: unknown): boolean {
  return isSluiceError(thrown) && thrown.code === "interrupted";
}

import type { UpdateInfo } from "../../../src/contracts/events.ts";
import type { StateStore } from "../../../src/contracts/state-store.ts";
import { type Clock, configure, type Flow, type UpdateFlowOptions } from "../../../src/index.ts";
import { deferred } from "../../../src/kernel/deferred.ts";
import { seededRandom } from "../../../src/kernel/random.ts";
import type { Case, Fault, Run } from "../case.ts";
import type { FlowShape } from "../flow-shape.ts";
import type { Backends } from "./backends.ts";
import type { Books } from "./books.ts";
import { defineFlowShape } from "./define-flow-shape.ts";
import { faultyStore } from "./faulty-store.ts";
import { faultsOf, Ports } from "./ports.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import type { Work } from "./work.ts";

/** A store as a process opens it. */
export interface OpenedStore {
  readonly store: StateStore;
  /** Ends it as the end of a process does; does not return where that is real. */
  end(): void;
  /** Gives back what it holds. */
  close(): Promise<void>;
}

/** What outlives the processes of a history. */
export interface World {
  readonly simulated: Case;
  readonly backends: Backends;
  readonly clock: VirtualClock;
  openStore(): Promise<OpenedStore>;
}

/** What a process is started with. */
export interface ProcessOptions {
  readonly world: World;
  readonly shape: FlowShape;
  readonly books: Books;
  /** The data as the next step will have it. */
  readonly ahead: Books;
}

/** How a run of a process went. */
export interface Outcome {
  /** Null where it has none: the process ended, or something threw. */
  readonly info: UpdateInfo | null;
  readonly thrown: unknown;
  readonly ended: boolean;
  readonly hangs: boolean;
  readonly struck: readonly Fault[];
  readonly work: Work;
}

/** One process: a store opened, a flow defined, its verbs run. One at a time, since settings are of a whole process. */
export class Process {
  readonly #opened: OpenedStore;
  readonly #ports: Ports;
  readonly #flow: Flow;

  private constructor({ world, shape, books, ahead }: ProcessOptions, opened: OpenedStore) {
    const { simulated, clock, backends } = world;
    const ports = new Ports({ jitter: simulated.jitter, clock, end: () => opened.end() });
    configureFor(simulated, { clock, store: faultyStore(opened.store, ports) });
    this.#opened = opened;
    this.#ports = ports;
    this.#flow = defineFlowShape(shape, { simulated, books, ahead, backends, ports });
  }

  static async start(options: ProcessOptions): Promise<Process> {
    const opened = await options.world.openStore();
    try {
      return new Process(options, opened);
    } catch (thrown) {
      await opened.close();
      throw thrown;
    }
  }

  /** The store itself, past every fault. */
  get store(): StateStore {
    return this.#opened.store;
  }

  /** Sets the flow up and runs a verb; whatever goes wrong is in the outcome. */
  async run(run: Run, faults: readonly Fault[] = []): Promise<Outcome> {
    const ports = this.#ports;
    const stopping = new AbortController();
    ports.begin({ faultAt: faultsOf(faults), stop: () => stopping.abort() });
    const settled = { info: null, thrown: null, hangs: false };
    const watch = watchForHang(ports);
    const seen = () => ({ ended: ports.ended, struck: ports.struck, work: ports.work });
    try {
      const ran = runVerb(this.#flow, run, stopping.signal).then((info) => ({ ...settled, info }));
      const result = await Promise.race([ran, watch.hangs.then(() => ({ ...settled, hangs: true }))]);
      return { ...result, ...seen() };
    } catch (thrown) {
      return { ...settled, thrown, ...seen() };
    } finally {
      watch.stop();
    }
  }

  async close(): Promise<void> {
    this.#flow.close();
    await this.#opened.close();
  }
}

let histories = 0;

/** Settings are looked up in files where they are not all given. */
export function configureFor(
  { seed, concurrency, retentionMs }: Case,
  given: { readonly clock: Clock; readonly store: StateStore },
): void {
  configure({
    ...given,
    random: seededRandom(seed),
    appDirectory: process.cwd(),
    storeDirectory: ".sluice",
    appNamespace: "",
    maxInflightRows: concurrency,
    // Rows that an abandoned update holds for ever must not be missed by the next one.
    maxInflightBytes: 2 ** 27 + (histories++ % 1000),
    mutateTimeout: "5m",
    stopTimeout: "30s",
    memoRetention: retentionMs,
  });
}

async function runVerb(flow: Flow, run: Run, signal: AbortSignal): Promise<UpdateInfo | null> {
  if (run.verb === "drop") {
    await flow.drop({ signal });
    return null;
  }
  await flow.setup({ signal });
  if (run.verb === "setup") return null;
  const { verb: _verb, overlapping = false, ...given } = run;
  const options = { ...(given as UpdateFlowOptions), signal };
  const [info] = await Promise.all([flow.update(options), overlapping ? flow.update(options) : null]);
  return info;
}

/** Tells when no port was called for so long that nothing can come any more. */
function watchForHang(ports: Ports): { readonly hangs: Promise<void>; stop(): void } {
  const hangs = deferred<void>();
  let [quiet, before] = [0, -1];
  const timer = setInterval(() => {
    quiet = ports.calls === before ? quiet + 1 : 0;
    before = ports.calls;
    if (quiet === 4) hangs.resolve();
  }, 500);
  return { hangs: hangs.promise, stop: () => clearInterval(timer) };
}

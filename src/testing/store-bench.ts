import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  Fence,
  FlowId,
  Lease,
  SourceId,
  StateStore,
  StoreWrite,
  TargetId,
} from "../contracts/state-store.ts";
import { isSluiceError } from "../errors/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { StoreConformanceOptions } from "./store-conformance-options.ts";

/** The cases of one subject by name. */
export type StoreCases = (options: StoreConformanceOptions) => Readonly<Record<string, StoreCase>>;
export type StoreCase = (bench: StoreBench) => Promise<void>;

/** A clock that stands still until it is moved. Sleeping takes one turn of the event loop, and as long on the clock. */
class BenchClock implements Clock {
  time = Date.UTC(2026, 0, 1);
  now(): number {
    return this.time;
  }
  monotonic(): number {
    return this.time;
  }
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    this.time += ms;
  }
  idle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}

/** A directory of one case and what is opened in it; cleared away when the case is over. */
export class StoreBench {
  readonly options: StoreConformanceOptions;
  readonly directory: string;
  readonly clock = new BenchClock();
  readonly #opened: StateStore[] = [];

  private constructor(options: StoreConformanceOptions) {
    this.options = options;
    this.directory = mkdtempSync(join(tmpdir(), "sluice-store-"));
  }

  static async with(options: StoreConformanceOptions, body: StoreCase): Promise<void> {
    const bench = new StoreBench(options);
    try {
      await body(bench);
    } finally {
      for (const store of bench.#opened) await store.close();
      rmSync(bench.directory, { recursive: true, force: true });
    }
  }

  get seed(): number {
    return this.options.seed ?? 1;
  }

  get runs(): number {
    return this.options.runs ?? 5;
  }

  log(line: string): void {
    (this.options.log ?? console.log)(line);
  }

  /** A directory of its own within that of the case. */
  subdirectory(name: string): string {
    const directory = join(this.directory, name);
    mkdirSync(directory, { recursive: true });
    return directory;
  }

  async open(directory = this.directory): Promise<StateStore> {
    const store = await this.options.open(directory, { clock: this.clock });
    this.#opened.push(store);
    return store;
  }

  /** A store with the lease of a flow taken. */
  async openHeld(name = "flow"): Promise<HeldFlow> {
    const store = await this.open();
    return new HeldFlow(store, name as FlowId, await store.acquireLease(name as FlowId, { purpose: "test" }));
  }
}

/** A flow of which the lease is held, with the fence that goes with it. */
export class HeldFlow {
  readonly store: StateStore;
  readonly flow: FlowId;
  readonly lease: Lease;
  generation: number;

  constructor(store: StateStore, flow: FlowId, lease: Lease) {
    this.store = store;
    this.flow = flow;
    this.lease = lease;
    this.generation = lease.generation;
  }

  get fence(): Fence {
    return { flow: this.flow, number: this.lease.number, generation: this.generation };
  }

  async write(write: Omit<StoreWrite, "fence">): Promise<void> {
    const fence = this.fence;
    if (write.setup || write.removeFlow) this.generation++;
    await this.store.write({ ...write, fence });
  }
}

export const sourceOne = 1 as SourceId;
export const sourceTwo = 2 as SourceId;
export const targetOne = 1 as TargetId;
export const targetTwo = 2 as TargetId;

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The code of the error that a promise rejects with; what it resolved to, as text, when it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    return `resolved to ${String(await promise)}`;
  } catch (error) {
    return isSluiceError(error) ? error.code : `threw ${String(error)}`;
  }
}

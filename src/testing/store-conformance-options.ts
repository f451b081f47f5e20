import type { StateStore, StoreCapabilities } from "../contracts/state-store.ts";
import type { Clock } from "../kernel/clock.ts";

/** What the suite must know of a store to test it. */
export interface StoreConformanceOptions {
  /** Opens the store of a directory, which exists and is empty at first. Two calls with one directory open one store. */
  open(directory: string, options: { readonly clock?: Clock }): Promise<StateStore>;
  /** What the store declares. Cases are chosen by it, and it is compared with what an opened store says. */
  readonly capabilities: StoreCapabilities;
  /**
   * How long a lease lasts after its holder's last write, on the clock that `open` was given; for a store that
   * declares `timedLeases`.
   */
  readonly leaseMs?: number;
  /**
   * How a child process opens it, for a durable store: `module` (a file URL) has a function `name` that takes
   * `{ directory }`. A module in TypeScript needs `tsx` where the suite runs.
   */
  readonly child?: { readonly module: string; readonly name: string };
  /** The file within the directory that holds the records: is cut off and changed. */
  readonly dataFile?: string;
  /** Makes a closed store say that it was written in another format. */
  rewriteFormat?(directory: string, format: "newer" | "older"): Promise<void>;
  /** Where random runs begin; printed when one fails. Default: 1. */
  readonly seed?: number;
  /** How many random runs of each kind. Default: 5. */
  readonly runs?: number;
  /** Where it is said that a case could not run here. Default: the console. */
  readonly log?: (line: string) => void;
}

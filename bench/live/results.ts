import type { Machine } from "../machine.ts";

/** How long a live update takes to begin on a folder in which nothing has changed. */
export interface StartResult {
  readonly files: number;
  /** The first one, which reads and writes every file. */
  readonly firstMs: number;
  /** Of several starts the one in the middle, from the call to watchers armed, and to the end of the listing. */
  readonly armedMs: number;
  readonly caughtUpMs: number;
}

export interface IdleResult {
  readonly files: number;
  readonly seconds: number;
  readonly cpuMs: number;
  /** That fell into that time: now and then the source is listed all the same. */
  readonly listings: number;
  readonly heapUsed: number;
  readonly rssAnon: number | null;
}

export interface LatencyResult {
  readonly files: number;
  readonly perSecond: number;
  readonly edits: number;
  /** How many of them a second the writer came to. */
  readonly reached: number;
  readonly written: Spread;
  readonly deleted: Spread;
  /** Of what the engine says: from when the watcher told it until it was durable. */
  readonly lag: Spread;
  /** Edits of files that came and went before anybody looked. */
  readonly unseen: number;
  readonly lost: number;
  /** The share of one core that the process used. */
  readonly cpuShare: number;
  readonly told: number;
  readonly read: number;
  readonly transactions: number;
  readonly targetCalls: number;
  readonly listings: number;
}

/** How values are spread; null where there is none. */
export interface Spread {
  readonly values: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly most: number | null;
}

export interface MemoryResult {
  readonly samples: readonly MemorySample[];
}

export interface MemorySample {
  /** So many changes had landed. */
  readonly changes: number;
  /** What those since the sample before took, and how much of a core. */
  readonly seconds: number;
  readonly cpuMs: number;
  readonly heapUsed: number;
  readonly rssAnon: number | null;
  readonly storeBytes: number;
}

export interface LiveResults {
  readonly command: string;
  readonly machine: Machine;
  readonly starts: readonly StartResult[];
  readonly idle: readonly IdleResult[];
  readonly latencies: readonly LatencyResult[];
  /** Null where it was not measured. */
  readonly memory: MemoryResult | null;
}

import type { SourceId } from "../../contracts/state-store.ts";
import { KeyLocks } from "../../kernel/key-locks.ts";
import type { FailureRecord } from "../failure-record.ts";
import { openRun, type RunHooks } from "../open-run.ts";
import type { Run } from "../run.ts";
import type { Tally } from "../tally.ts";
import { targetIndex } from "../target-index.ts";
import type { UpdateOptions } from "../update-options.ts";
import { FailedRows } from "./failed-rows.ts";
import { LiveSource } from "./live-source.ts";
import { Settling } from "./settling.ts";

/** What works together in a live update. */
export interface LiveWork {
  readonly run: Run;
  readonly sources: ReadonlyMap<SourceId, LiveSource>;
  readonly settling: Settling;
  readonly failedRows: FailedRows;
  /** Lands what is staged and closes sources and targets, after the run was stopped. */
  close(): Promise<void>;
}

export interface LiveWorkHooks {
  readonly follow: boolean;
  readonly tally: Tally;
  /** A source was listed. */
  listed(source: string): void;
  /** Told of what ends the live update. */
  failed(thrown: unknown): void;
}

/** The waits before a kind of target that takes no writes is tried again. */
const recoveryWaits = { initialDelayMs: 1_000, factor: 2, maxDelayMs: 60_000, jitter: true };

/** Opens what a live update works with; sources are opened when they are followed. */
export async function openLiveWork(options: UpdateOptions, hooks: LiveWorkHooks): Promise<LiveWork> {
  const { bindings, plan } = options;
  let work: LiveWork | null = null;
  const runHooks: RunHooks = {
    owed: () => work?.settling.wake(),
    recovery: {
      waits: recoveryWaits,
      suspended: (kind, ms) => work?.failedRows.probeIn(kind, ms),
      recovered: (kind) => work?.failedRows.recovered(kind),
    },
  };
  const { run, close } = await openRun(options, hooks.tally, runHooks);
  const targets = targetIndex(bindings);
  const turns = new KeyLocks();
  const sources = new Map<SourceId, LiveSource>();
  const listed = (name: string) => {
    work?.settling.wake();
    hooks.listed(name);
  };
  const { follow, failed } = hooks;
  const common = { run, targets, turns, listed, follow, failed };
  for (const source of plan.sources) {
    const id = bindings.sources.get(source.name)!;
    sources.set(id, new LiveSource({ ...common, source, id }));
  }
  const isDue = (failure: FailureRecord) => failedRows.isDue(failure);
  const settling: Settling = new Settling({ run, options, sources, targets, isDue });
  const failedRows = new FailedRows({ run, sources, settle: () => settling.settle() });
  work = { run, sources, settling, failedRows, close: () => closeAll(sources, close) };
  return work;
}

async function closeAll(
  sources: ReadonlyMap<SourceId, LiveSource>,
  close: () => Promise<void>,
): Promise<void> {
  try {
    for (const source of sources.values()) await source.settle();
    await close();
  } finally {
    await Promise.all([...sources.values()].map((source) => source.close()));
  }
}

import type {
  EngineEvent,
  LiveSourceStats,
  LiveStats,
  SourceStats,
  UpdateInfo,
} from "../../src/app/events.ts";
import { SluiceError } from "../../src/errors/index.ts";

const noCounts: SourceStats = {
  unchanged: 0,
  inserted: 0,
  updated: 0,
  deleted: 0,
  reprocessed: 0,
  failed: 0,
  inFlight: 0,
  read: 0,
};

/** An update info with these counts of sources. */
export function infoOf(
  sources: Readonly<Record<string, Partial<SourceStats>>>,
  more: Partial<UpdateInfo> = {},
): UpdateInfo {
  return {
    flow: "Docs",
    sources: Object.fromEntries(
      Object.entries(sources).map(([name, counts]) => [name, { ...noCounts, ...counts }]),
    ),
    targets: {},
    functions: {},
    failures: [],
    failedKeys: [],
    notices: [],
    incomplete: [],
    held: [],
    elapsedMs: 1_234,
    ok: true,
    ...more,
  };
}

type SourceSample = Partial<LiveSourceStats> & { readonly counts?: Partial<SourceStats> };

/** Stats of a flow that follows these sources, each of which is watched. */
export function statsOf(
  sources: Readonly<Record<string, SourceSample>>,
  state: LiveStats["state"] = "following",
): LiveStats {
  const entries = Object.entries(sources);
  return {
    flow: "Docs",
    state,
    info: infoOf(Object.fromEntries(entries.map(([name, { counts }]) => [name, counts ?? {}]))),
    sources: Object.fromEntries(
      entries.map(([name, { counts: _counts, ...stats }]) => [name, { ...watched, ...stats }]),
    ),
  };
}

const watched: LiveSourceStats = {
  state: "following",
  watcher: { state: "watching", restarts: 0, lastSignAt: null, error: null },
  refreshIntervalMs: null,
  changes: 0,
  waiting: 0,
  failing: 0,
  listings: 1,
  overruns: 0,
  lastChangeAt: null,
  lastListedAt: null,
  lagMs: null,
  error: null,
};

export function rowDone(row: string, lagMs?: number, source = "documents"): EngineEvent {
  const lag = lagMs === undefined ? {} : { lagMs };
  return { kind: "row-done", source, row, outcome: "updated", reason: "content", ...lag };
}

export function rowFailed(row: string, message = "boom"): EngineEvent {
  return { kind: "row-failed", source: "documents", row, error: new SluiceError("function-failed", message) };
}

export function heldOf(
  rows: number,
  source = "documents",
): EngineEvent & { readonly kind: "deletions-held" } {
  const error = new SluiceError("deletions-held", `${rows} of 40 rows are gone`, { where: { source } });
  return { kind: "deletions-held", source, rows, tracked: 40, error };
}

export function listed(complete = true, source = "documents"): EngineEvent {
  return { kind: "source-listed", source, rows: 1, complete };
}

export function watchEnded(message = "EMFILE"): EngineEvent {
  const error = new SluiceError("watch-failed", message);
  return { kind: "watch-ended", source: "documents", restartMs: 2_000, error };
}

export const watchArmed: EngineEvent = { kind: "watch-armed", source: "documents" };

export function watchDegraded(message: string | null): EngineEvent {
  const error = message === null ? null : new SluiceError("watch-degraded", message);
  return { kind: "watch-degraded", source: "documents", error };
}

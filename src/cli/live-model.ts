import type { EngineEvent, LiveSourceStats, LiveStats, SourceStats } from "../app/events.ts";
import { type LagSummary, LagWindow } from "./lag-window.ts";
import { type ListedTrouble, TroubleList } from "./trouble-list.ts";

/** How far back the rate looks, and how often it is taken. */
const rateWindowMs = 5_000;
const sampleMs = 500;

/** A source as it is shown. */
export interface LiveSourceView {
  readonly name: string;
  readonly state: string;
  /** What the state means: nothing to care about, something that passes, or nothing more to come. */
  readonly mood: "well" | "unwell" | "over";
  readonly sinceChangeMs: number | null;
  readonly waiting: number;
  readonly inFlight: number;
  readonly done: number;
  readonly failing: number;
}

/** A flow as it is shown. */
export interface LiveView {
  readonly flow: string;
  readonly state: LiveStats["state"];
  /** Why it ended, where others go on; null while it has not. */
  readonly ended: string | null;
  readonly elapsedMs: number;
  /** Rows of the first pass that needed nothing; null once that is over. */
  readonly unchanged: number | null;
  /** How often watchers were started again. */
  readonly restarts: number;
  readonly sources: readonly LiveSourceView[];
  readonly rowsPerSecond: number;
  /** Of the last change that was told; null before the first. */
  readonly lagMs: number | null;
  /** Of the last minute; null where nothing changed in it. */
  readonly recentLag: LagSummary | null;
  readonly troubles: readonly ListedTrouble[];
  /** The command that lists all rows that fail. */
  readonly failuresCommand: string;
}

export interface LiveModelOptions {
  readonly flow: string;
  /** The command that approves the deletion of so many rows. */
  readonly approvalOf: (rows: number) => string;
  readonly failuresCommand: string;
}

/** What is known of a flow that is live, from its events and its stats. Times are since the Unix epoch. */
export class LiveModel {
  readonly #options: LiveModelOptions;
  readonly #began: number;
  readonly #troubles: TroubleList;
  readonly #lags = new LagWindow();
  /** When a row of a source changed last. A watcher tells of changes; what only a listing finds is seen by its row. */
  readonly #changedAt = new Map<string, number>();
  /** Rows that were done at earlier times, oldest first. */
  readonly #samples: { readonly at: number; readonly done: number }[] = [];
  #lagMs: number | null = null;
  /** The lag as it was when the rate was taken: a number that changes with every row cannot be read. */
  #sampledLagMs: number | null = null;
  #stats: LiveStats | null = null;

  constructor(options: LiveModelOptions, now: number) {
    this.#options = options;
    this.#began = now;
    this.#troubles = new TroubleList(options.approvalOf);
  }

  /** Whether it is trouble that was not told a while ago. */
  apply(event: EngineEvent, now: number): boolean {
    if (event.kind === "row-done") this.#noteChange(event, now);
    return this.#troubles.apply(event, now).isNews;
  }

  #noteChange({ source, outcome, lagMs }: EngineEvent & { readonly kind: "row-done" }, now: number): void {
    if (outcome !== "unchanged") this.#changedAt.set(source, now);
    if (lagMs === undefined) return;
    this.#lagMs = lagMs;
    this.#lags.add(lagMs, now);
  }

  observe(stats: LiveStats, now: number): void {
    this.#stats = stats;
    const sinceMs = now - (this.#samples.at(-1)?.at ?? Number.NEGATIVE_INFINITY);
    // The clock may be set back while the display stands.
    if (sinceMs < 0) this.#samples.length = 0;
    else if (sinceMs < sampleMs) return;
    this.#sampledLagMs = this.#lagMs;
    const done = Object.values(stats.info.sources).reduce((sum, source) => sum + doneOf(source), 0);
    this.#samples.push({ at: now, done });
    while (this.#samples.length > 2 && this.#samples[1]!.at <= now - rateWindowMs) this.#samples.shift();
  }

  view(now: number): LiveView {
    const { flow, failuresCommand } = this.#options;
    const sources = Object.entries(this.#stats?.sources ?? {});
    const counts = this.#stats?.info.sources ?? {};
    const state = this.#stats?.state ?? "starting";
    const isFirstPass = state === "starting" || state === "updating";
    return {
      flow,
      failuresCommand,
      state,
      ended: null,
      elapsedMs: now - this.#began,
      unchanged: isFirstPass
        ? Object.values(counts).reduce((sum, { unchanged }) => sum + unchanged, 0)
        : null,
      restarts: sources.reduce((sum, [, { watcher }]) => sum + (watcher?.restarts ?? 0), 0),
      sources: sources.map(([name, stats]) =>
        sourceView(name, stats, { counts: counts[name], changedAt: this.#changedAt.get(name) ?? null, now }),
      ),
      rowsPerSecond: this.#rowsPerSecond(),
      lagMs: this.#sampledLagMs,
      recentLag: this.#lags.summary(now),
      troubles: this.#troubles.shown(now),
    };
  }

  #rowsPerSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at <= first.at) return 0;
    return ((last.done - first.done) * 1_000) / (last.at - first.at);
  }
}

/** Rows that something was done about: what a listing finds unchanged would count again with each. */
function doneOf({ inserted, updated, deleted, reprocessed }: Readonly<SourceStats>): number {
  return inserted + updated + deleted + reprocessed;
}

interface SourceFacts {
  readonly counts: Readonly<SourceStats> | undefined;
  readonly changedAt: number | null;
  readonly now: number;
}

function sourceView(
  name: string,
  stats: LiveSourceStats,
  { counts, changedAt, now }: SourceFacts,
): LiveSourceView {
  const lastAt = Math.max(stats.lastChangeAt ?? 0, changedAt ?? 0);
  return {
    name,
    ...stateOf(stats),
    sinceChangeMs: lastAt === 0 ? null : now - lastAt,
    waiting: stats.waiting,
    inFlight: counts?.inFlight ?? 0,
    done: counts ? doneOf(counts) : 0,
    failing: stats.failing,
  };
}

/** What a source does in one word; that of its watcher where this is what there is to say. */
function stateOf({ state, watcher }: LiveSourceStats): Pick<LiveSourceView, "state" | "mood"> {
  if (state === "ended") return { state: "listed", mood: "over" };
  if (state === "retrying") return { state, mood: "unwell" };
  if (state !== "following" || watcher === null) return { state, mood: "well" };
  if (watcher.state === "degraded") return { state: "degraded", mood: "unwell" };
  return watcher.state === "watching" ? { state, mood: "well" } : { state: "unwatched", mood: "unwell" };
}

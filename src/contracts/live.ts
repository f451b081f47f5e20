import type { SluiceError } from "../errors/index.ts";
import type { UpdateInfo } from "./events.ts";

/** What a live update does with one source. */
export type LiveSourceState =
  /** It is being opened, or its watcher armed, before its first listing. */
  | "starting"
  | "listing"
  /** It waits for changes, or for the time of the next listing. */
  | "following"
  /** It could not be opened or listed, and is tried again after a while. */
  | "retrying"
  /** It has nothing that tells of changes, and was listed; or the live update has ended. */
  | "ended";

/** How the watcher of a source does. */
export interface WatcherStats {
  readonly state: "arming" | "watching" | "degraded" | "waiting";
  /** How often it was started again. */
  readonly restarts: number;
  /** The last sign of life, in milliseconds since the Unix epoch; null before the first. */
  readonly lastSignAt: number | null;
  /** Why it was given up last, or why it is degraded; null where it is as it should be. */
  readonly error: SluiceError | null;
}

/** How a source of a live update does, beside the counts of its rows. */
export interface LiveSourceStats {
  readonly state: LiveSourceState;
  /** Null where the source is not watched. */
  readonly watcher: WatcherStats | null;
  /** How often it is listed again; null: only when there is reason to. */
  readonly refreshIntervalMs: number | null;
  /** Changes that the watcher has told. */
  readonly changes: number;
  /** Rows with a change that is not begun with. */
  readonly waiting: number;
  /** Rows whose last attempt failed. */
  readonly failing: number;
  /** Listings that have ended. */
  readonly listings: number;
  /** Listings that took longer than the refresh interval. */
  readonly overruns: number;
  /** When the last change came, in milliseconds since the Unix epoch. */
  readonly lastChangeAt: number | null;
  /** When the last listing ended, in milliseconds since the Unix epoch. */
  readonly lastListedAt: number | null;
  /** How long the last change took from when it was told until it was durable, in milliseconds. */
  readonly lagMs: number | null;
  /** Why it cannot be opened or listed now. */
  readonly error: SluiceError | null;
}

/** How a live update stands. */
export interface LiveStats {
  readonly flow: string;
  /** Whether the first pass over all sources is still under way, changes are followed, or it is stopping or over. */
  readonly state: "starting" | "updating" | "following" | "stopping" | "ended";
  /** What was done since it began, with the rows in flight. */
  readonly info: UpdateInfo;
  readonly sources: Readonly<Record<string, LiveSourceStats>>;
}

/** What has happened since the status was asked for last. */
export interface LiveStatus {
  /** Sources that are followed still; none: the live update has ended. */
  readonly activeSources: readonly string[];
  /** Sources whose first listing has ended, or rows of which have landed or gone since. */
  readonly updatedSources: readonly string[];
}

import type { SluiceError } from "../errors/index.ts";
import type { CallUsage } from "./function.ts";
import type { TargetVerification } from "./verification.ts";

/** How many rows of a source went which way in one update. */
export interface SourceStats {
  /** Rows that needed no processing, whether or not they had to be read to know. */
  unchanged: number;
  inserted: number;
  updated: number;
  deleted: number;
  /** Rows whose value is the same, processed again since the logic changed, their outcome was in doubt, or it was asked for. */
  reprocessed: number;
  failed: number;
  /** Rows being processed now. */
  inFlight: number;
  /** Values that were read. */
  read: number;
}

/** Writes that a target took. */
export interface TargetStats {
  upserted: number;
  deleted: number;
  /** Calls of `mutate` that carried writes of this export and were answered. */
  calls: number;
  /** Target rows that should be gone and could not be deleted. */
  failed: number;
}

/** What an update computed with one function. */
export interface FunctionStats {
  /** Inputs that calls were given, those of failed calls included. */
  computed: number;
  /** Calls of `run` or `runBatch`. */
  calls: number;
  /** Inputs whose result was remembered. */
  memoHits: number;
  /** Inputs for which every attempt failed. */
  failed: number;
  /** What its calls cost, where they say so. */
  inputTokens?: number;
  outputTokens?: number;
}

/** A row that failed in this update. */
export interface RowFailure {
  readonly source: string;
  /** The row's key as text for people. */
  readonly row: string;
  readonly error: SluiceError;
}

/**
 * Rows that a source does not list any more, or that an adopted target held before and no source yields, which are
 * too many to be deleted unasked.
 */
export interface HeldDeletions {
  /** Null where they are an adopted target's. */
  readonly source: string | null;
  /** The export whose target held them. */
  readonly target?: string;
  /** Rows that would go. */
  readonly rows: number;
  /** Rows of the source that were tracked before. */
  readonly tracked: number;
  /** `deletions-held`: says why, and how to approve. */
  readonly error: SluiceError;
}

/** A target row that should be gone, as no row yields it any more, and could not be deleted in this update. */
export interface KeyFailure {
  readonly target: string;
  /** The target row's key as text for people. */
  readonly key: string;
  readonly error: SluiceError;
}

/** Something that the user should know and no row fails for, such as a lack that makes results worse. */
export interface Notice {
  /** What says it: `function splitRecursively`. */
  readonly about: string;
  readonly message: string;
}

/** What an update did. */
export interface UpdateInfo {
  readonly flow: string;
  readonly sources: Readonly<Record<string, Readonly<SourceStats>>>;
  readonly targets: Readonly<Record<string, Readonly<TargetStats>>>;
  readonly functions: Readonly<Record<string, Readonly<FunctionStats>>>;
  /** The first hundred; `SourceStats.failed` counts them all. */
  readonly failures: readonly RowFailure[];
  /** The first hundred; `TargetStats.failed` counts them all. */
  readonly failedKeys: readonly KeyFailure[];
  /** Sources that could not be listed wholly, and why. Nothing of theirs was deleted. */
  readonly incomplete: readonly { readonly source: string; readonly error: SluiceError }[];
  /** Deletions that wait for approval, by source. */
  readonly held: readonly HeldDeletions[];
  /** The first hundred, each once. */
  readonly notices: readonly Notice[];
  readonly elapsedMs: number;
  /** No row failed, every listing was complete and no deletion is held. */
  readonly ok: boolean;
}

/** What happens while a flow works, for displays, logs and tests. A closed union: a new kind is a new member. */
export type EngineEvent =
  | {
      readonly kind: "setup-applied";
      readonly verb: string;
      readonly target: string;
      /** The backend in the connector's words. */
      readonly description: string;
    }
  | {
      /** A backend that could not be dropped is not known any more, and still there. */
      readonly kind: "backend-left";
      readonly target: string;
      readonly description: string;
      readonly error: SluiceError;
    }
  | { readonly kind: "update-started"; readonly flow: string }
  | { readonly kind: "source-started"; readonly source: string }
  /** A live update begins to list a source. */
  | { readonly kind: "listing-started"; readonly source: string; readonly reason: ListingReason }
  /** A listing took longer than the interval after which the source is listed again. */
  | {
      readonly kind: "refresh-overrun";
      readonly source: string;
      readonly tookMs: number;
      readonly intervalMs: number;
    }
  /** No change of the source is missed from now on. */
  | { readonly kind: "watch-armed"; readonly source: string }
  /** The watcher of a source died, or gave no sign of life, and is started again after a while. */
  | {
      readonly kind: "watch-ended";
      readonly source: string;
      readonly restartMs: number;
      readonly error: SluiceError;
    }
  /** The watcher of a source does not notice every change; null: it does again. */
  | { readonly kind: "watch-degraded"; readonly source: string; readonly error: SluiceError | null }
  /** The watcher of a source may have missed changes. */
  | { readonly kind: "changes-missed"; readonly source: string; readonly reason: string }
  | { readonly kind: "changes-told"; readonly source: string; readonly changes: number }
  | {
      readonly kind: "acknowledge-failed";
      readonly source: string;
      readonly row: string;
      readonly error: SluiceError;
    }
  /** A live update has passed over all sources for the first time, and follows their changes. */
  | { readonly kind: "caught-up"; readonly info: UpdateInfo }
  | {
      readonly kind: "source-listed";
      readonly source: string;
      readonly rows: number;
      readonly complete: boolean;
    }
  | { readonly kind: "source-incomplete"; readonly source: string; readonly error: SluiceError }
  | ({ readonly kind: "deletions-held" } & HeldDeletions)
  | {
      readonly kind: "row-done";
      readonly source: string;
      readonly row: string;
      readonly outcome: RowOutcome;
      readonly reason: RowReason;
      /** How long ago a watcher told of the change, in milliseconds; not there for rows that were listed. */
      readonly lagMs?: number;
    }
  | {
      readonly kind: "row-failed";
      readonly source: string;
      readonly row: string;
      readonly error: SluiceError;
    }
  | {
      readonly kind: "key-failed";
      readonly target: string;
      readonly key: string;
      readonly error: SluiceError;
    }
  | { readonly kind: "function-called"; readonly function: string; readonly inputs: number }
  | { readonly kind: "function-failed"; readonly function: string }
  | ({ readonly kind: "function-usage"; readonly function: string } & CallUsage)
  | ({ readonly kind: "notice" } & Notice)
  | { readonly kind: "memo-hit"; readonly function: string }
  | {
      readonly kind: "target-written";
      readonly target: string;
      readonly upserted: number;
      readonly deleted: number;
    }
  | {
      readonly kind: "target-failed";
      readonly targetKind: string;
      readonly rows: number;
      readonly error: SluiceError;
    }
  /** A kind of target that took no writes takes them again. */
  | { readonly kind: "target-recovered"; readonly targetKind: string }
  /** A target is being read back, to be verified; so many rows so far. */
  | { readonly kind: "target-read"; readonly target: string; readonly rows: number }
  | {
      readonly kind: "target-verified";
      readonly target: string;
      readonly verification: TargetVerification;
    }
  | {
      readonly kind: "store-written";
      readonly staged: number;
      readonly committed: number;
      readonly memos: number;
    }
  | {
      readonly kind: "retrying";
      readonly what: string;
      readonly attempt: number;
      readonly delayMs: number;
      readonly error: SluiceError;
    }
  | { readonly kind: "progress"; readonly info: UpdateInfo }
  | { readonly kind: "update-finished"; readonly info: UpdateInfo };

/** Why a live update lists a source. */
export type ListingReason =
  /** The first pass. */
  | "start"
  /** Its refresh interval is over. */
  | "refresh"
  /** Its watcher was started again. */
  | "restart"
  /** Its watcher may have missed changes, or does not notice all. */
  | "missed"
  /** Nothing speaks for missed changes, but a watcher does not vouch for more. */
  | "caution"
  /** The listing before failed, or was incomplete. */
  | "retry"
  /** `flow.update()` was called meanwhile. */
  | "asked";

/** Which way a row went. */
export type RowOutcome = "unchanged" | "inserted" | "updated" | "deleted" | "reprocessed";

/** Why a row was processed. */
export type RowReason =
  | "new"
  | "content"
  | "logic"
  | "pending"
  | "failed"
  | "gone"
  | "forced"
  | "version"
  /** A target key that it claims became its own, or the target was found to hold something else. */
  | "owner";

/** Is told what happens, as it happens. What it throws stops no work; an update rejects with it at its end. */
export type Report = (event: EngineEvent) => void;

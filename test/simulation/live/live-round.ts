import type { Case, Edit, FaultKind, PortName } from "../case.ts";
import type { FlowShape } from "../flow-shape.ts";

/**
 * One round of the soak as plain data: live updates of a flow while its data changes and things go wrong, then rest.
 * All times are those of a simulated clock, in milliseconds from when the first live update begins.
 */
export interface LiveRound {
  /** The world and the flow that it begins with; it has no steps. */
  readonly simulated: Case;
  /** The rows that the books begin with. */
  readonly first: readonly Edit[];
  /** How sources are followed, by every name that one may have. */
  readonly following: Readonly<Record<string, FollowingShape>>;
  /** What live updates may delete unasked. */
  readonly allowDeletions: boolean | number;
  /** In the order of their times. */
  readonly incidents: readonly Incident[];
}

export interface FollowingShape {
  readonly watched: boolean;
  readonly refreshMs: number | null;
  readonly heartbeatMs: number;
  /** How long each watcher takes until it listens. */
  readonly armingMs: number;
}

/** Whether anything tells of a source's changes. */
export function isFollowedBy({ watched, refreshMs }: FollowingShape): boolean {
  return watched || refreshMs !== null;
}

/** Something that happens, whole: a round can go without any of them. */
export type Incident = { readonly at: number } & (
  | ChangeIncident
  | ({ readonly kind: "weather" } & Weather)
  | {
      readonly kind: "watcher";
      readonly source: string;
      readonly does: WatcherTrouble;
      readonly forMs: number;
    }
  | { readonly kind: "ask"; readonly options: AskOptions; readonly times: number }
  | {
      readonly kind: "stop";
      readonly how: "abort" | "signal" | "abort while asked";
      readonly downMs: number;
      /** What the flow is when it is started again. */
      readonly flow?: FlowShape;
    }
);

/** Changes of books, and how sources tell of them. */
export interface ChangeIncident {
  readonly kind: "change";
  readonly edits: readonly Edit[];
  readonly tellings: readonly Telling[];
}

/** A watcher tells of some of the changes in one go. */
export interface Telling {
  readonly source: string;
  /** How long after the changes. */
  readonly afterMs: number;
  /** Which edits of the incident, in the order in which they are told of. */
  readonly edits: readonly number[];
  readonly carries: Carries;
  /** What the source wants to hear back. */
  readonly acknowledge: "not" | "plain" | "slowly" | "throws";
  /** It does not tell of the changes, but that there may have been some. */
  readonly missed?: true;
}

export type Carries =
  | "key"
  /** What the source knows of the row without its value; that it is gone, where it is. */
  | "version"
  /** The row as it is when that is told. */
  | "value"
  /** The row as it was after the edit, where its ordinal says that it is older than what is there. */
  | "former value";

/** Every so many calls of a port go wrong for a while. */
export interface Weather {
  readonly forMs: number;
  readonly port: PortName;
  readonly how: FaultKind;
  /** 1: all of them. */
  readonly every: number;
  readonly part?: number;
}

export type WatcherTrouble =
  | "throws"
  | "ends"
  /** It gives no sign of life any more. */
  | "is silent"
  /** It loses changes for a while, and says so at the beginning. */
  | "degrades"
  /** It throws, and the next one takes its time until it listens. */
  | "arms late"
  /** It throws, and the next one never listens, though it lives. */
  | "never arms"
  /** It throws, and so does each that is started for a while. */
  | "does not start";

export interface AskOptions {
  readonly reexportTargets?: true;
  readonly fullReprocess?: true;
  readonly retryFailed?: true;
  readonly allowDeletions?: true | number;
}

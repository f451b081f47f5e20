import type { FlowShape } from "./flow-shape.ts";

/**
 * A history as plain data: everything that happens in it was decided when it was made, so that it runs again from
 * its JSON alone, and runs without any of its parts.
 */
export interface Case {
  /** What the engine's random numbers start from. */
  readonly seed: number;
  readonly store: "memory" | "lmdb";
  /** The end of a process is a real one. */
  readonly kills: boolean;
  /** Rows in flight at once. */
  readonly concurrency: 1 | 64;
  /** 0: everything answers at once; any other number stands for a pattern of short waits. */
  readonly jitter: number;
  /** How long results that no row uses are kept. */
  readonly retentionMs: number;
  /** Each clean update is held against a build from nothing, too. */
  readonly rebuild: boolean;
  readonly books: Readonly<Record<string, BookShape>>;
  /** The flow that it begins with. */
  readonly flow: FlowShape;
  readonly steps: readonly Step[];
}

/** How a source gives the rows of a book. */
export interface BookShape {
  readonly keys: "text" | "number" | "pair";
  /** What it says of a row without its value; `none`: every row is read in every update. */
  readonly versions: "content" | "ordinal" | "both" | "none";
  /** The listing holds the values. */
  readonly inline: boolean;
  /** The listing is in the order of the keys. */
  readonly ordered: boolean;
  /** The listing names the first row of each page twice. */
  readonly repeats: boolean;
  /** Rows of a page of the listing. */
  readonly page: number;
}

/** A text, a number, or a text and a number. */
export type Key = string | number | readonly [string, number];

export interface Row {
  /** Words; what a function is given the word `bad` in, it fails for. */
  readonly text: string;
  readonly note: string | null;
  /** For keys that rows share. */
  readonly share: string;
  /** What the source knows it by: the same number stands for the same row. */
  readonly v: number;
}

/** Changes, then one process that sets the flow up and updates it. */
export interface Step {
  /** What the flow is from here on. */
  readonly flow?: FlowShape;
  readonly edits?: readonly Edit[];
  /** How far the clock is put forward, or back. */
  readonly clockMs?: number;
  /** What the process does; an update, after a setup, where it is left out. */
  readonly run?: Run;
  readonly faults?: readonly Fault[];
}

export interface Run {
  readonly verb: "update" | "setup" | "drop";
  readonly reexportTargets?: true;
  readonly fullReprocess?: true;
  readonly allowDeletions?: true | number;
  /** Another update is asked for while it runs. */
  readonly overlapping?: true;
}

export type Edit =
  | { readonly book: string; readonly put: Key; readonly row: Row }
  | { readonly book: string; readonly remove: Key };

/** Where the engine meets what is outside of it. */
export type PortName =
  | "store.write"
  | "store.read"
  | "open"
  | "list"
  | "get"
  | "call"
  | "prepare"
  | "mutate"
  | "setup";

/** Something goes wrong in the n-th call of a port in a step. */
export interface Fault {
  readonly port: PortName;
  /** From 1. */
  readonly nth: number;
  /** How many calls from there on; 1 where it is left out. */
  readonly times?: number;
  readonly how: FaultKind;
  /** How much takes effect, or is listed, before it goes wrong. */
  readonly part?: number;
}

export type FaultKind =
  /** It fails, and nothing has happened. */
  | "fails"
  /** It fails with an error that says that trying again may help. */
  | "busy"
  /** It fails, and all of it has happened; a listing: after `part` rows. */
  | "fails-after"
  /** It fails, and `part` of it has happened. */
  | "partly"
  /** The target says that it is down. */
  | "unavailable"
  /** It never answers; `part` of it has happened. */
  | "hangs"
  /** The row is read as the next step will have it. */
  | "ahead"
  /** It answers after a long time. */
  | "slow"
  /** The listing ends after `part` rows, and says that it is not complete. */
  | "incomplete"
  /** It is the last thing that the process does not do. */
  | "ends"
  /** It is the last thing that the process does; with `part`: that much of it. */
  | "ends-after"
  /** The update is told to stop, and this call goes on. */
  | "stops";

import type { SluiceError } from "../errors/index.ts";

/**
 * How a target row differs from what the store's records say should be there. missing: it is not there. extra: no
 * record has it. different: it is there with another value. pending: the store itself knows that it may not be as
 * it should, since its last write failed or was interrupted, or since the flow has changed; the next update settles it.
 */
export type FindingKind = "missing" | "extra" | "different" | "pending";

/** One target row that is not known to be as it should be. */
export interface RowFinding {
  readonly kind: FindingKind;
  /** The target row's key as text for people; as JSON where it does not fit the export's key. */
  readonly key: string;
  /** The row that it comes from, its key as text for people; null for an extra row. */
  readonly from: { readonly source: string; readonly row: string } | null;
  /** What is known beyond the kind. */
  readonly reason: string | null;
}

/** What a target holds, compared with what the store's records say. */
export interface TargetVerification {
  /** Rows that should be there, pending ones included. */
  readonly expected: number;
  /** Rows that are there. */
  readonly found: number;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  readonly pending: number;
  /** The first of each kind, by key; the counts are of all. */
  readonly findings: readonly RowFinding[];
  /** Why the target could not be read back to its end; nothing is then said of its rows, and all counts are 0. */
  readonly error: SluiceError | null;
}

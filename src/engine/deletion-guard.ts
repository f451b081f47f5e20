import type { HeldDeletions } from "../contracts/events.ts";
import { SluiceError } from "../errors/index.ts";

/** A source with fewer tracked rows may lose most of them unasked. */
const fewestRows = 20;

/** What a pass with a complete listing found of one source. */
export interface SourceCensus {
  /** Rows that were tracked before the pass. */
  readonly tracked: number;
  /** Those of them that the source has no more. */
  readonly gone: number;
  /** Rows that the source has. */
  readonly there: number;
}

/** Whether deletions go unasked that would be held: all, or up to so many of each source. */
export type AllowedDeletions = boolean | number;

/**
 * Whether the rows that a source has no more are too many to be deleted unasked: all that were tracked, more than
 * one, and the source is empty; or more than half of at least twenty.
 *
 * @returns what is held, null when they may go
 */
export function holdDeletions(
  place: { readonly flow: string; readonly source: string },
  census: SourceCensus,
  allowed: AllowedDeletions,
): HeldDeletions | null {
  const { gone, tracked } = census;
  const share = suspectShare(census);
  if (share === null || isAllowed(gone, allowed)) return null;
  const loss =
    share === "all"
      ? `the source is empty, where ${tracked} rows were tracked`
      : `${gone} of ${tracked} rows are gone from the source, which is more than half`;
  const error = new SluiceError("deletions-held", loss, {
    where: place,
    hint: approvalHint(gone),
  });
  return { source: place.source, rows: gone, tracked, error };
}

/**
 * Whether the extra rows of a target are too many to be deleted unasked, by the same measure: a store that was lost
 * knows of no row, and takes every one for extra.
 *
 * @returns why they are held, null when they may go
 */
export function holdExtras(
  { found, extra }: { readonly found: number; readonly extra: number },
  allowed: AllowedDeletions,
): SluiceError | null {
  const share = suspectShare({ tracked: found, gone: extra, there: found - extra });
  if (share === null || isAllowed(extra, allowed)) return null;
  const rows = share === "all" ? `all ${found} rows` : `${extra} of ${found} rows, more than half,`;
  return new SluiceError("deletions-held", `${rows} are extra`, {
    hint: `If they are to go, repair with allowDeletions: ${extra}, or with true for any number.`,
  });
}

/** The same for the rows that an adopted target held before, of which no source yields so many. */
export function holdLeftovers(
  place: { readonly flow: string; readonly target: string },
  { rows, leftover }: { readonly rows: number; readonly leftover: number },
  allowed: AllowedDeletions,
): HeldDeletions | null {
  const share = suspectShare({ tracked: rows, gone: leftover, there: rows - leftover });
  if (share === null || isAllowed(leftover, allowed)) return null;
  const what =
    share === "all"
      ? `no source yields any of the ${rows} rows that the target held before`
      : `no source yields ${leftover} of the ${rows} rows that the target held before, which is more than half`;
  const error = new SluiceError("deletions-held", what, { where: place, hint: approvalHint(leftover) });
  return { source: null, target: place.target, rows: leftover, tracked: rows, error };
}

function approvalHint(rows: number): string {
  return `If they are to go, update with allowDeletions: ${rows}, or with true for any number.`;
}

function isAllowed(rows: number, allowed: AllowedDeletions): boolean {
  return allowed === true || (allowed !== false && rows <= allowed);
}

function suspectShare({ tracked, gone, there }: SourceCensus): "all" | "most" | null {
  if (there === 0 && tracked > 1) return "all";
  return tracked < fewestRows || gone * 2 <= tracked ? null : "most";
}

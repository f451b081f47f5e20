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
  const loss = suspectLoss(census);
  if (loss === null || allowed === true || (allowed !== false && gone <= allowed)) return null;
  const error = new SluiceError("deletions-held", loss, {
    where: place,
    hint: `If they are to go, update with allowDeletions: ${gone}, or with true for any number.`,
  });
  return { source: place.source, rows: gone, tracked, error };
}

function suspectLoss({ tracked, gone, there }: SourceCensus): string | null {
  if (there === 0 && tracked > 1) return `the source is empty, where ${tracked} rows were tracked`;
  if (tracked < fewestRows || gone * 2 <= tracked) return null;
  return `${gone} of ${tracked} rows are gone from the source, which is more than half`;
}

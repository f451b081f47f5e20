import type { TargetVerification } from "../contracts/verification.ts";
import { SluiceError } from "../errors/index.ts";

/** Whether deletions go unasked that would be held: all, or up to so many. */
export type AllowedDeletions = boolean | number;

/** Of fewer rows, most may be extra and are deleted unasked. */
const fewestRows = 20;

/**
 * Whether the extra rows of a target are too many to be deleted unasked: all that it holds, more than one; or more
 * than half of at least twenty. A store that was lost knows of no row, and takes every one for extra.
 *
 * @returns why they are held, null when they may go
 */
export function holdExtras(
  { found, extra }: Pick<TargetVerification, "found" | "extra">,
  allowed: AllowedDeletions,
): SluiceError | null {
  if (allowed === true || (allowed !== false && extra <= allowed)) return null;
  const suspect = (extra === found && found > 1) || (found >= fewestRows && extra * 2 > found);
  if (!suspect) return null;
  const rows = extra === found ? `all ${found} rows are` : `${extra} of ${found} rows are`;
  return new SluiceError(
    "deletions-held",
    `${rows} extra, which is too many to be deleted unasked; none of them was`,
    { hint: `If they are to go, repair with allowDeletions: ${extra}, or with true for any number.` },
  );
}

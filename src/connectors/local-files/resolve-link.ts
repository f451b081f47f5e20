import { type BigIntStats, realpathSync } from "node:fs";
import { lookAt } from "./look-at.ts";
import { isInside, isMissing, type RealRoot, systemCode } from "./source-root.ts";

/** What a link leads to. */
export interface LinkTarget {
  /** Its path without links. */
  readonly real: string;
  readonly stats: BigIntStats;
}

/**
 * Where a link inside the root leads to; null for one that is broken, turns in a circle or leads out. Throws what
 * else the file system says.
 */
export function resolveLink(root: RealRoot, link: string): LinkTarget | null {
  try {
    const real = realpathSync.native(link);
    if (!isInside(root, real)) return null;
    const stats = lookAt(real);
    return stats === undefined ? null : { real, stats };
  } catch (error) {
    if (isMissing(error) || systemCode(error) === "ELOOP") return null;
    throw error;
  }
}

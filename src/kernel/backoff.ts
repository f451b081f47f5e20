import type { Random } from "./random.ts";

/** Waits that grow from one failure to the next, up to a bound. */
export interface Backoff {
  readonly initialDelayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  /** Take between half and all of each wait, so that what failed together does not return together. */
  readonly jitter: boolean;
}

/** The wait after so many failures in a row, in milliseconds. */
export function backoffMs(backoff: Backoff, failures: number, random: Random): number {
  const { initialDelayMs, factor, maxDelayMs, jitter } = backoff;
  const growth = Math.min(factor ** (failures - 1), Number.MAX_VALUE);
  const delayMs = Math.min(maxDelayMs, initialDelayMs * growth);
  return Math.round(jitter ? delayMs * (0.5 + random.next() / 2) : delayMs);
}

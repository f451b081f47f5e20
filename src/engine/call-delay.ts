import type { RetryLimits } from "../contracts/call-limits.ts";
import { backoffMs } from "../kernel/backoff.ts";
import type { Random } from "../kernel/random.ts";
import { isTransient } from "./retry.ts";
import { retryAfterMs } from "./retry-after.ts";

/**
 * How long a function's call waits before attempt `next`, after the one before failed; null where it is not worth
 * it. What the error itself asks for goes before the function's own waits, unless it is longer than the longest.
 */
export function delayBefore(
  next: number,
  error: unknown,
  { retry, now, random }: { readonly retry: RetryLimits; readonly now: number; readonly random: Random },
): number | null {
  if (!(retry.when ?? isTransient)(error)) return null;
  const asked = retryAfterMs(error, now);
  if (asked !== null) return asked <= retry.maxDelayMs ? asked : null;
  return backoffMs(retry, next - 1, random);
}

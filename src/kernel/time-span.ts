/** A time span: milliseconds, or text such as `"250ms"`, `"5s"`, `"1m30s"`, `"2h"`, `"7d"`. */
export type TimeSpan = number | string;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The span in milliseconds, or null when it is not one. */
export function parseTimeSpan(span: TimeSpan): number | null {
  if (typeof span === "number") return Number.isFinite(span) && span >= 0 ? span : null;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(span)) return null;
  let total = 0;
  for (const [, amount, , unit] of span.matchAll(/(\d+(\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * unitMs[unit!]!;
  }
  return total;
}

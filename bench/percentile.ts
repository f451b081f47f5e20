/** The smallest value that at least this share of all values do not exceed; null where there is none. */
export function percentile(values: ArrayLike<number>, share: number): number | null {
  const sorted = Float64Array.from(values).sort();
  const rank = Math.ceil(sorted.length * share);
  return sorted[Math.max(0, rank - 1)] ?? null;
}

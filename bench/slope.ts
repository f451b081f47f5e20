export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The line that fits points best. */
export interface Slope {
  /** How much y grows with x. */
  readonly perX: number;
  /** The standard error of that. */
  readonly error: number;
}

/** By least squares; of three points at the least. */
export function slopeOf(points: readonly Point[]): Slope {
  const mean = (of: (point: Point) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const perX = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const rest = points.reduce((sum, { x, y }) => sum + (y - meanY - perX * (x - meanX)) ** 2, 0);
  return { perX, error: Math.sqrt(rest / (points.length - 2) / spread) };
}

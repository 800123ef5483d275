/** Something measured at a moment. */
export interface Point {
  atS: number;
  value: number;
}

/** The part of a run that counts for whether it grows: what a server fills once, it has filled by then. */
export function lastTwoThirds(points: readonly Point[]): Point[] {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return [];
  const from = first.atS + (last.atS - first.atS) / 3;
  return points.filter(({ atS }) => atS >= from);
}

/** How much the straight line through the points (least squares) rises from the first to the last, in percent of their mean. */
export function growthPct(points: readonly Point[]): number {
  const n = points.length;
  const [first] = points;
  const last = points.at(-1);
  if (n < 2 || first === undefined || last === undefined) return 0;
  const mean = (name: keyof Point) => points.reduce((sum, point) => sum + point[name], 0) / n;
  const [meanAtS, meanValue] = [mean('atS'), mean('value')];
  let [together, alone] = [0, 0];
  for (const { atS, value } of points) {
    together += (atS - meanAtS) * (value - meanValue);
    alone += (atS - meanAtS) ** 2;
  }
  if (alone === 0 || meanValue === 0) return 0;
  return (100 * (together / alone) * (last.atS - first.atS)) / meanValue;
}

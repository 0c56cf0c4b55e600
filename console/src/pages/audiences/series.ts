/** Sizes by the hour, as the API has them, as points of even distance. Pure. */

import type { SizePoint } from "~/api/schema";
import type { Range } from "./routes";

export interface Bucket {
  /** Its first instant, in Unix milliseconds. */
  at: number;
  /** At its end. */
  size: number;
  entered: number;
  left: number;
}

const HOUR = 3_600_000;
const SHAPES: Record<Range, { buckets: number; ms: number }> = {
  "24h": { buckets: 24, ms: HOUR },
  "7d": { buckets: 56, ms: 3 * HOUR },
  "30d": { buckets: 60, ms: 12 * HOUR },
  "1y": { buckets: 53, ms: 168 * HOUR },
};

/**
 * The newest bucket has `now` in it, and its size is `size`. An hour without a line is as the one before; before the
 * first line the size is what that line began with.
 */
export function seriesOf(points: readonly SizePoint[], size: number, range: Range, now: number): Bucket[] {
  const { buckets, ms } = SHAPES[range];
  const end = (Math.floor(now / ms) + 1) * ms;
  const start = end - buckets * ms;
  const made = Array.from({ length: buckets }, (_, index): Bucket => {
    return { at: start + index * ms, size: -1, entered: 0, left: 0 };
  });
  for (const point of points) {
    const bucket = made[Math.floor((new Date(point.hour).getTime() - start) / ms)];
    if (!bucket) continue;
    bucket.size = point.size;
    bucket.entered += point.entered ?? 0;
    bucket.left += point.left ?? 0;
  }
  const first = points.find((point) => new Date(point.hour).getTime() >= start);
  let before = first ? Math.max(0, first.size - (first.entered ?? 0) + (first.left ?? 0)) : size;
  for (const bucket of made) {
    if (bucket.size < 0) bucket.size = before;
    before = bucket.size;
  }
  const newest = made.at(-1);
  if (newest) newest.size = size;
  return made;
}

export function totals(series: readonly Bucket[]): { entered: number; left: number } {
  return {
    entered: series.reduce((sum, bucket) => sum + bucket.entered, 0),
    left: series.reduce((sum, bucket) => sum + bucket.left, 0),
  };
}

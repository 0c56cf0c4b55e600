/** A line as small as a word: the last 24 hours. Its numbers are told beside it; for screen readers it says them. */

import { count } from "~/format/format";

const WIDTH = 96;
const HEIGHT = 24;

export function Sparkline({ points, label }: { points: readonly number[]; label: string }) {
  const most = Math.max(...points, 1);
  const step = WIDTH / Math.max(points.length - 1, 1);
  const at = (value: number, index: number) =>
    `${(index * step).toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`;
  const line = points.map(at).join(" ");
  return (
    <svg
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`${label}, last 24 hours: at most ${count(Math.max(...points, 0))} an hour`}
    >
      <polygon
        points={`0,${HEIGHT - 1} ${line} ${WIDTH},${HEIGHT - 1}`}
        fill="var(--mantine-color-water-5)"
        opacity={0.18}
      />
      <polyline
        points={line}
        fill="none"
        stroke="var(--mantine-color-water-5)"
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
    </svg>
  );
}

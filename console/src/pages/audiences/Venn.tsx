/** Two or three circles. The numbers stand beside them as text, and in the table: the picture is only a picture. */

import { Text } from "@mantine/core";
import type { Region } from "~/api/schema";
import { circlesOf } from "./venn";

const SIZE = 170;
const MARGIN = 14;
export const CIRCLE_COLORS = ["water", "orange", "violet"] as const;

export function Venn({
  keys,
  regions,
  label,
}: {
  keys: readonly string[];
  regions: readonly Region[];
  label: string;
}) {
  const placed = circlesOf(keys, regions);
  const circles = placed.map((circle, index) => ({ ...circle, index })).filter((circle) => circle.r > 0);
  if (circles.length === 0) return <Text c="dimmed">Nobody is in any of them.</Text>;
  const left = Math.min(...circles.map((each) => each.x - each.r));
  const right = Math.max(...circles.map((each) => each.x + each.r));
  const top = Math.min(...circles.map((each) => each.y - each.r));
  const bottom = Math.max(...circles.map((each) => each.y + each.r));
  const scale = SIZE;
  return (
    <svg
      viewBox={`${left * scale - MARGIN} ${top * scale - MARGIN} ${(right - left) * scale + 2 * MARGIN} ${(bottom - top) * scale + 2 * MARGIN}`}
      role="img"
      aria-label={label}
      style={{ width: "100%", maxWidth: 460, maxHeight: 320 }}
    >
      {circles.map(({ index, ...circle }) => (
        <circle
          key={circle.key}
          cx={circle.x * scale}
          cy={circle.y * scale}
          r={Math.max(circle.r * scale, 2)}
          fill={`var(--mantine-color-${CIRCLE_COLORS[index]}-5)`}
          fillOpacity={0.28}
          stroke={`var(--mantine-color-${CIRCLE_COLORS[index]}-light-color)`}
          strokeWidth={1.5}
        >
          <title>{circle.key}</title>
        </circle>
      ))}
    </svg>
  );
}

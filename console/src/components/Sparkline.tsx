/** A line without axes: how something went lately. What it shows is said in words beside it, or in `label`. */

interface Props {
  points: readonly number[];
  /** For screen readers: "Events in the last 24 hours". */
  label: string;
  width?: number;
  height?: number;
}

const LINE = 1.5;

export function Sparkline({ points, label, width = 96, height = 28 }: Props) {
  const { line, area } = paths(points, width, height);
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <path d={area} fill="var(--mantine-color-water-light)" />
      <path
        d={line}
        fill="none"
        stroke="var(--mantine-color-water-light-color)"
        strokeWidth={LINE}
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** From the left to the right, zero at the bottom. */
export function paths(
  points: readonly number[],
  width: number,
  height: number,
): { line: string; area: string } {
  if (points.length === 0) return { line: "", area: "" };
  const drawn = points.length === 1 ? [...points, ...points] : points;
  const top = Math.max(1, ...drawn);
  const step = width / (drawn.length - 1);
  const room = height - 2 * LINE;
  const at = (value: number, index: number) =>
    `${(index * step).toFixed(1)},${(LINE + room * (1 - value / top)).toFixed(1)}`;
  const line = `M${drawn.map(at).join("L")}`;
  return { line, area: `${line}L${width},${height}L0,${height}Z` };
}

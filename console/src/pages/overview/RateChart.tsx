/** Events over time: the last quarter of an hour as it goes on, a day or a week. Fetched when it is first shown. */

import { AreaChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { useMediaQuery } from "@mantine/hooks";
import { count, rate } from "~/format/format";
import type { Line } from "./useChart";

interface Props {
  lines: readonly Line[];
  rows: readonly Record<string, number>[];
  from: number;
  to: number;
  perSecond: boolean;
  height: number;
  /** Whether hours of days, rather than minutes of now, are on the axis. */
  byDay: boolean;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export default function RateChart({ lines, rows, from, to, perSecond, height, byDay }: Props) {
  const stays = useMediaQuery("(prefers-reduced-motion: reduce)") ?? false;
  const said = (value: number) => (perSecond ? `${rate(value)}/s` : count(value));
  return (
    <AreaChart
      h={height}
      data={rows as Record<string, number>[]}
      dataKey="at"
      series={lines.map((line) => ({ name: line.key, label: line.label, color: line.color }))}
      curveType="monotone"
      withDots={false}
      withLegend={lines.length > 1}
      legendProps={{ verticalAlign: "top", height: 36 }}
      strokeWidth={1.5}
      fillOpacity={0.25}
      valueFormatter={said}
      gridAxis="x"
      tickLine="none"
      xAxisProps={{
        type: "number",
        scale: "time",
        domain: [from, to],
        allowDataOverflow: true,
        tickFormatter: (at: number) => (byDay ? day : clock).format(at),
        minTickGap: 48,
      }}
      yAxisProps={{ width: 56, allowDecimals: perSecond, tickFormatter: (value: number) => rate(value) }}
      tooltipProps={{ labelFormatter: (at) => (typeof at === "number" ? whole.format(at) : "") }}
      areaProps={{ isAnimationActive: false }}
      tooltipAnimationDuration={stays ? 0 : 80}
    />
  );
}

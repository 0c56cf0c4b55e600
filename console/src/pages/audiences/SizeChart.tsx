/** Size as an area, and beneath it who entered (up) and who left (down). */

import { AreaChart, BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { compact } from "~/format/format";
import type { Range } from "./routes";
import type { Bucket } from "./series";

const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const time = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" });

export default function SizeChart({ series, range }: { series: readonly Bucket[]; range: Range }) {
  const label = range === "24h" || range === "7d" ? time : day;
  const data = series.map((bucket) => ({
    at: label.format(bucket.at),
    Members: bucket.size,
    Entered: bucket.entered,
    Left: -bucket.left,
  }));
  const hasMoves = series.some((bucket) => bucket.entered + bucket.left > 0);
  const shared = {
    data,
    dataKey: "at",
    gridAxis: "x" as const,
    tickLine: "none" as const,
    yAxisProps: {
      width: 48,
      allowDecimals: false,
      tickFormatter: (value: number) => compact(Math.abs(value)),
    },
    xAxisProps: { minTickGap: 40 },
    valueFormatter: (value: number) => Math.abs(value).toLocaleString(),
  };
  return (
    <>
      <AreaChart
        {...shared}
        h={200}
        series={[{ name: "Members", color: "water.6" }]}
        curveType="stepAfter"
        withDots={false}
        fillOpacity={0.25}
        areaProps={{ isAnimationActive: false }}
      />
      {hasMoves && (
        <BarChart
          {...shared}
          h={110}
          mt="xs"
          type="stacked"
          barChartProps={{ stackOffset: "sign" }}
          withXAxis={false}
          series={[
            { name: "Entered", color: "teal.6" },
            { name: "Left", color: "orange.6" },
          ]}
          barProps={{ isAnimationActive: false }}
          withLegend
        />
      )}
    </>
  );
}

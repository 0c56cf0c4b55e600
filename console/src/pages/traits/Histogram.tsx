/** How many people have a value in which range. */

import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import type { Spread } from "~/api/schema";
import { compact } from "~/format/format";

export default function Histogram({ spread, noun }: { spread: Spread; noun: string }) {
  const name = noun === "people" ? "People" : "Accounts";
  return (
    <BarChart
      h={260}
      data={spread.bins.map((bin) => ({ from: label(bin.start, bin.end), [name]: bin.profiles }))}
      dataKey="from"
      series={[{ name, color: "water.6" }]}
      gridAxis="x"
      tickLine="none"
      barProps={{ isAnimationActive: false, radius: [3, 3, 0, 0] }}
      barChartProps={{ barCategoryGap: 2 }}
      yAxisProps={{ width: 44, allowDecimals: false, tickFormatter: compact }}
      xAxisProps={{ minTickGap: 30 }}
    />
  );
}

function label(start: number, end: number): string {
  return start === end ? compact(start) : `${compact(start)} – ${compact(end)}`;
}

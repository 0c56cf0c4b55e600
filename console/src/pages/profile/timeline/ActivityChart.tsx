/** Events a day, for a look at when somebody was here. */

import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import type { Day } from "~/api/schema";
import { count } from "~/format/format";
import { withEmptyDays } from "./days";

const DAYS = 120;

const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });

function dayShown(day: string): string {
  return short.format(new Date(day));
}

export default function ActivityChart({ days }: { days: Day[] }) {
  const shown = withEmptyDays(days, DAYS);
  const busiest = Math.max(...shown.map((each) => each.events));
  return (
    <div role="img" aria-label={`Events a day in the last ${shown.length} days, ${count(busiest)} at most`}>
      <BarChart
        h={120}
        data={shown}
        dataKey="day"
        series={[{ name: "events", label: "Events", color: "water.5" }]}
        valueFormatter={count}
        withYAxis={false}
        gridAxis="none"
        barProps={{ radius: 2, maxBarSize: 24, isAnimationActive: false }}
        xAxisProps={{ minTickGap: 40, tickFormatter: dayShown }}
      />
    </div>
  );
}

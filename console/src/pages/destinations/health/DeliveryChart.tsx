/** What became of events over time, and how long attempts took. */

import "@mantine/charts/styles.css";
import { AreaChart, BarChart } from "@mantine/charts";
import { Stack, Text } from "@mantine/core";
import { compact, duration } from "~/format/format";
import type { Step } from "./steps";

const SERIES = [
  { name: "delivered", label: "Delivered", color: "teal.6" },
  { name: "filtered", label: "Filtered", color: "gray.5" },
  { name: "retrying", label: "Failed and retried", color: "yellow.6" },
  { name: "failed", label: "Given up", color: "red.7" },
];

const LATENCIES = [
  { name: "p95", label: "95 of 100 took at most", color: "indigo.4" },
  { name: "p50", label: "Half took at most", color: "water.6" },
];

export default function DeliveryChart({ steps }: { steps: Step[] }) {
  return (
    <Stack gap="lg">
      <div role="img" aria-label="Events delivered, filtered, retried and given up over time">
        <BarChart
          h={220}
          data={steps}
          dataKey="at"
          type="stacked"
          series={SERIES}
          withLegend
          legendProps={{ verticalAlign: "top", height: 32 }}
          valueFormatter={compact}
          gridAxis="y"
          tickLine="none"
          xAxisProps={{ minTickGap: 48 }}
          barProps={{ isAnimationActive: false }}
        />
      </div>
      <div>
        <Text size="sm" c="dimmed" mb={4}>
          How long attempts took
        </Text>
        <div role="img" aria-label="Latency of attempts over time">
          <AreaChart
            h={140}
            data={steps}
            dataKey="at"
            type="default"
            series={LATENCIES}
            valueFormatter={duration}
            gridAxis="y"
            tickLine="none"
            connectNulls={false}
            curveType="linear"
            withDots={false}
            fillOpacity={0.12}
            xAxisProps={{ minTickGap: 48 }}
            areaProps={{ isAnimationActive: false }}
          />
        </div>
      </div>
    </Stack>
  );
}

/** What became of events over time, and how long attempts took. */

import "@mantine/charts/styles.css";
import { AreaChart, BarChart } from "@mantine/charts";
import { Stack, Text } from "@mantine/core";
import { compact, duration } from "~/format/format";
import type { Step } from "./steps";

const SERIES = [
  { name: "delivered", label: "Delivered", color: "teal.6" },
  { name: "filtered", label: "Filtered", color: "gray.5" },
  { name: "retrying", label: "Retried", color: "yellow.6" },
  { name: "failed", label: "Failed", color: "red.7" },
];

const LATENCIES = [
  { name: "p95", label: "95th percentile", color: "indigo.4" },
  { name: "p50", label: "Median", color: "water.6" },
];

export default function DeliveryChart({ steps }: { steps: Step[] }) {
  // What was filtered was not attempted, so nothing took any time.
  const hasLatency = steps.some((step) => step.p95 !== null);
  return (
    <Stack gap="lg">
      <div>
        <Text fw={550} mb={4}>
          Deliveries
        </Text>
        <div role="img" aria-label="Events delivered, filtered, retried and failed over time">
          <BarChart
            h={220}
            data={steps}
            dataKey="at"
            type="stacked"
            series={SERIES}
            withLegend
            legendProps={{ verticalAlign: "bottom" }}
            valueFormatter={compact}
            gridAxis="x"
            tickLine="none"
            xAxisProps={{ minTickGap: 48 }}
            barProps={{ isAnimationActive: false }}
          />
        </div>
      </div>
      {hasLatency && (
        <div>
          <Text fw={550} mb={4}>
            Latency
          </Text>
          <div role="img" aria-label="Latency of attempts over time">
            <AreaChart
              h={160}
              data={steps}
              dataKey="at"
              type="default"
              series={LATENCIES}
              withLegend
              legendProps={{ verticalAlign: "bottom" }}
              valueFormatter={duration}
              gridAxis="x"
              tickLine="none"
              connectNulls={false}
              curveType="linear"
              fillOpacity={0.12}
              xAxisProps={{ minTickGap: 48 }}
              areaProps={{ isAnimationActive: false }}
              dotProps={{ r: 2 }}
            />
          </div>
        </div>
      )}
    </Stack>
  );
}

/** How many events there are: the chart with its ranges. */

import { Group, Paper, SegmentedControl, Skeleton, Text, Title } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Failed } from "~/components/states";
import type { Moment } from "./moments";
import { RANGES, type Range } from "./routes";
import { useChart } from "./useChart";

const CHART_HEIGHT = 190;

const RateChart = lazy(() => import("./RateChart"));

const LABELS: Record<Range, string> = { live: "Live", "24h": "24 hours", "7d": "7 days" };

const ABOUT: Record<Range, string> = {
  live: "Per second, last 15 minutes",
  "24h": "Per hour, last 24 hours",
  "7d": "Per hour, last 7 days",
};

export function Rates({ range, moments }: { range: Range; moments: readonly Moment[] }) {
  const navigate = useNavigate({ from: "/" });
  const { chart, error } = useChart(range, moments);
  const blank = <Skeleton height={CHART_HEIGHT} />;
  return (
    <Paper p="md">
      <Group justify="space-between" mb="sm" gap="xs">
        <div>
          <Title order={2} size="h5">
            Events
          </Title>
          <Text size="sm" c="dimmed">
            {ABOUT[range]}
          </Text>
        </div>
        <SegmentedControl
          size="xs"
          aria-label="Range of the chart"
          value={range}
          onChange={(value) =>
            void navigate({ search: value === "live" ? {} : { range: value as Range }, replace: true })
          }
          data={RANGES.map((value) => ({ value, label: LABELS[value] }))}
        />
      </Group>
      {error ? (
        <Failed error={error} />
      ) : chart === null ? (
        blank
      ) : (
        <Suspense fallback={blank}>
          <RateChart {...chart} height={CHART_HEIGHT} byDay={range === "7d"} />
        </Suspense>
      )}
    </Paper>
  );
}

/** How many events there are: the chart with its ranges. */

import { Group, Paper, SegmentedControl, Skeleton, Text, Title } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Failed } from "~/components/states";
import type { Moment } from "./moments";
import { RANGES, type Range } from "./routes";
import { useChart } from "./useChart";

const RateChart = lazy(() => import("./RateChart"));

const LABELS: Record<Range, string> = { live: "15 min, live", "24h": "24 hours", "7d": "7 days" };

export function Rates({ range, moments }: { range: Range; moments: readonly Moment[] }) {
  const navigate = useNavigate({ from: "/" });
  const { chart, error } = useChart(range, moments);
  const blank = <Skeleton height={240} />;
  return (
    <Paper p="md">
      <Group justify="space-between" mb="sm" gap="xs">
        <div>
          <Title order={2} size="h5">
            Events
          </Title>
          <Text size="sm" c="dimmed">
            {range === "live" ? "a second" : "an hour, as the pipeline counts them"}
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
          <RateChart {...chart} byDay={range === "7d"} />
        </Suspense>
      )}
    </Paper>
  );
}

/** How an audience goes: its size over time, who came and went, what it is. */

import {
  Alert,
  Anchor,
  Group,
  Paper,
  SegmentedControl,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import type { AudienceLine } from "~/api/schema";
import { readDefinition } from "~/components/builder/draft";
import { Words } from "~/components/builder/Words";
import { Backfill } from "~/components/definition/Status";
import { Figure } from "~/components/Figure";
import { Loaded } from "~/components/states";
import { count, counted } from "~/format/format";
import { useSizes } from "./queries";
import type { Range } from "./routes";
import { seriesOf, totals } from "./series";

const SizeChart = lazy(() => import("./SizeChart"));

const RANGE_WORDS: Record<Range, string> = {
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
  "1y": "year",
};

export function OverviewTab({ line }: { line: AudienceLine }) {
  const { range = "7d" } = useSearch({ from: "/shell/audiences/$key" });
  const navigate = useNavigate({ from: "/audiences/$key" });
  const sizes = useSizes(line.key, line.collection, range);
  const series = useMemo(
    () => seriesOf(sizes.data?.data ?? [], line.size, range, Date.now()),
    [sizes.data, line.size, range],
  );
  const { entered, left } = totals(series);
  const change = line.size - (series[0]?.size ?? line.size);
  const tree = useMemo(() => readDefinition("audiences", line.definition), [line.definition]);
  const lately = `in the last ${RANGE_WORDS[range]}`;
  return (
    <Stack>
      {line.problem && (
        <Alert color="red" title="This audience could not be computed">
          {line.problem}
        </Alert>
      )}
      <Backfill line={line} />
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        <Figure
          label="Members"
          value={<span aria-live="polite">{count(line.size)}</span>}
          note={
            change === 0
              ? `unchanged ${lately}`
              : `${change > 0 ? "+" : "−"}${count(Math.abs(change))} ${lately}`
          }
        />
        <Figure
          label="Entered"
          value={count(entered)}
          note={lately}
          hint="How often someone became a member."
        />
        <Figure
          label="Left"
          value={count(left)}
          note={lately}
          hint="How often someone stopped matching, because of an event or because time passed. When two members are merged, one of them leaves."
        />
        <Figure
          label="Sent to"
          value={count(line.destinations.length)}
          note={line.destinations.length === 1 ? "destination" : "destinations"}
        />
      </SimpleGrid>
      <Paper p="md">
        <Group justify="space-between" mb="sm">
          <Title order={2} size="h5">
            Size over time
          </Title>
          <SegmentedControl
            size="xs"
            aria-label="Range"
            data={Object.keys(RANGE_WORDS)}
            value={range}
            onChange={(next) =>
              void navigate({ search: (before) => ({ ...before, range: next as Range }), replace: true })
            }
          />
        </Group>
        <Loaded query={sizes} loading={<Skeleton height={260} />}>
          {() => (
            <figure style={{ margin: 0 }}>
              <Suspense fallback={<Skeleton height={260} />}>
                <SizeChart series={series} range={range} />
              </Suspense>
              <Text component="figcaption" size="xs" c="dimmed" mt="xs">
                {counted(series[0]?.size ?? 0, "member")} at the start, {count(line.size)} now.{" "}
                {count(entered)} entered and {count(left)} left {lately}.
              </Text>
            </figure>
          )}
        </Loaded>
      </Paper>
      <Paper p="md">
        <Group justify="space-between" mb={6}>
          <Title order={2} size="h5">
            Who is in this audience
          </Title>
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link
                from="/audiences/$key"
                to="/audiences/$key"
                search={({ collection }) => ({ collection, tab: "definition" as const })}
                {...props}
              />
            )}
          >
            Edit definition
          </Anchor>
        </Group>
        <Words tree={tree} collection={line.collection as "users"} />
      </Paper>
    </Stack>
  );
}

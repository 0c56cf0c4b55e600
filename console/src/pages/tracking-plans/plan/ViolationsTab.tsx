/** What has been broken of the plan: how often over time, by what, with events that showed it. */

import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import {
  Badge,
  Button,
  Drawer,
  Group,
  Paper,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { $api, api } from "~/api/client";
import type { EventVolume, ViolationLine, ViolationPage } from "~/api/schema";
import { Copy } from "~/components/Copy";
import { type Column, DataTable } from "~/components/DataTable";
import { MarkedJson } from "~/components/MarkedJson";
import { nextPage } from "~/components/nextPage";
import { Empty, Loaded, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { WhatBecame } from "~/components/WhatBecame";
import { count, counted } from "~/format/format";
import { ruleKey, ruleTitle, versionsOf } from "../model/draft";
import type { PlanSearch } from "../routes";
import { usePlan } from "./context";

const route = getRouteApi("/shell/tracking-plans/$name");

const PER_PAGE = 100;

const COLORS = [
  "water.6",
  "orange.6",
  "violet.5",
  "teal.6",
  "pink.6",
  "yellow.6",
  "indigo.5",
  "lime.7",
  "gray.5",
];

export default function ViolationsTab() {
  const { detail } = usePlan();
  const { since = "24h", by = "event", source, event, violation } = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = (change: Partial<PlanSearch>) =>
    navigate({ search: (now) => ({ ...now, ...change, violation: undefined }), replace: true });
  const found = useViolations(detail.name, { source, event, since });
  const rows = found.data?.pages.flatMap((page) => page.data) ?? [];
  const uncounted = found.data?.pages[0]?.uncounted ?? 0;
  const open = rows.find((row) => row.id === violation);

  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        <SegmentedControl
          aria-label="Time range"
          data={[
            { value: "24h", label: "24 hours" },
            { value: "7d", label: "7 days" },
          ]}
          value={since}
          onChange={(next) => narrow({ since: next as "24h" | "7d" })}
        />
        <SegmentedControl
          aria-label="Group by"
          data={[
            { value: "event", label: "By event" },
            { value: "type", label: "By type" },
            { value: "source", label: "By source" },
          ]}
          value={by}
          onChange={(next) => narrow({ by: next as NonNullable<PlanSearch["by"]> })}
        />
        <Select
          label="Source"
          data={detail.sources}
          value={source ?? null}
          onChange={(next) => narrow({ source: next ?? undefined })}
          clearable
          placeholder="All sources"
          w={180}
        />
        {event !== undefined && (
          <Badge
            size="lg"
            color="gray"
            rightSection={
              <Button
                size="compact-xs"
                variant="transparent"
                color="gray"
                onClick={() => narrow({ event: undefined })}
                aria-label="Show all events"
              >
                ×
              </Button>
            }
          >
            {event}
          </Badge>
        )}
      </Group>
      <Chart name={detail.name} since={since} by={by} event={event} />
      <Loaded query={found} loading={<Loading />}>
        {() =>
          rows.length === 0 ? (
            <Empty icon={IconShieldCheck} title="No violations">
              {detail.sources.length === 0
                ? "No source uses this plan. Add some on the Sources tab."
                : `All events from ${detail.sources.join(", ")} match the plan in this time range.`}
            </Empty>
          ) : (
            <DataTable
              label="Violations"
              columns={COLUMNS}
              rows={rows}
              rowKey={(row) => row.id}
              onOpen={(row) => navigate({ search: (now) => ({ ...now, violation: row.id }) })}
              onEnd={nextPage(found)}
              isFetching={found.isFetchingNextPage}
              rowHeight={68}
              height="55vh"
              footer={
                <>
                  {counted(rows.length, "distinct violation")}
                  {found.hasNextPage && ", and more"}
                  {uncounted > 0 && `; ${count(uncounted)} more are not listed individually`}
                </>
              }
            />
          )
        }
      </Loaded>
      <Drawer
        opened={open !== undefined}
        onClose={() => navigate({ search: (now) => ({ ...now, violation: undefined }) })}
        title={open && <Headline row={open} />}
      >
        {open && <Detail row={open} />}
      </Drawer>
    </Stack>
  );
}

interface Asked {
  source: string | undefined;
  event: string | undefined;
  since: string;
}

function useViolations(name: string, { source, event, since }: Asked) {
  return useInfiniteQuery({
    queryKey: ["violations", name, source, event, since],
    queryFn: async ({ pageParam }): Promise<ViolationPage> => {
      const { data } = await api.GET("/api/v1/tracking-plans/{name}/violations", {
        params: { path: { name }, query: { source, event, since, limit: PER_PAGE, cursor: pageParam } },
      });
      return data as ViolationPage;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

interface ChartProps {
  name: string;
  since: string;
  by: NonNullable<PlanSearch["by"]>;
  event: string | undefined;
}

function Chart({ name, since, by, event }: ChartProps) {
  const volume = $api.useQuery(
    "get",
    "/api/v1/tracking-plans/{name}/violations/volume",
    { params: { path: { name }, query: { since, by, event } } },
    { placeholderData: (before) => before },
  );
  return (
    <Paper p="md">
      <Loaded query={volume} loading={<Loading lines={5} />}>
        {(found) => {
          const total = found.series.reduce((sum, series) => sum + series.total, 0);
          const shown = found.series.filter((series) => series.total > 0);
          return (
            <>
              <Title order={2} size="h5" mb="xs">
                {counted(total, "violation")} in {since === "24h" ? "24 hours" : "7 days"}
              </Title>
              {total > 0 && (
                <BarChart
                  h={180}
                  type="stacked"
                  data={points(found, since)}
                  dataKey="time"
                  series={shown.map((series, index) => ({
                    name: series.name || "Other",
                    color: COLORS[index % COLORS.length] as string,
                  }))}
                  withLegend={shown.length > 1}
                  legendProps={{ verticalAlign: "bottom" }}
                  tickLine="none"
                  gridAxis="x"
                  valueFormatter={count}
                  xAxisProps={{ minTickGap: 32 }}
                  yAxisProps={{ width: 44, allowDecimals: false, tickCount: 3 }}
                  role="img"
                  aria-label={`Violations over time, ${by === "type" ? "by type" : `by ${by}`}`}
                />
              )}
            </>
          );
        }}
      </Loaded>
    </Paper>
  );
}

function points(volume: EventVolume, since: string): Record<string, string | number>[] {
  const format = new Intl.DateTimeFormat(
    undefined,
    since === "24h"
      ? { hour: "2-digit", minute: "2-digit" }
      : { weekday: "short", hour: "2-digit", minute: "2-digit" },
  );
  return volume.times.map((time, index) => ({
    time: format.format(new Date(time)),
    ...Object.fromEntries(volume.series.map((series) => [series.name || "Other", series.points[index] ?? 0])),
  }));
}

const COLUMNS: Column<ViolationLine>[] = [
  {
    key: "event",
    label: "Event",
    isTitle: true,
    width: "minmax(10rem, 1.4fr)",
    cell: (row) => (
      <>
        {row.event || row.call}
        <Text size="xs" c="dimmed" fw={400}>
          {row.source}
        </Text>
      </>
    ),
  },
  {
    key: "what",
    label: "Violation",
    width: "minmax(14rem, 3fr)",
    cell: (row) => (
      <>
        <Group gap={6}>
          <Badge color={row.type.startsWith("Unplanned") || row.type === "Naming Variant" ? "yellow" : "red"}>
            {row.type}
          </Badge>
          <code>{row.field}</code>
        </Group>
        <Text size="sm" c="dimmed" lineClamp={1}>
          {row.description}
        </Text>
      </>
    ),
  },
  { key: "hour", label: "Last hour", width: "6rem", align: "right", cell: (row) => count(row.last_hour) },
  { key: "day", label: "24 hours", width: "6rem", align: "right", cell: (row) => count(row.last_24_hours) },
  { key: "week", label: "7 days", width: "6rem", align: "right", cell: (row) => count(row.last_7_days) },
  { key: "last", label: "Last seen", width: "9rem", cell: (row) => <Time at={row.last_seen} /> },
];

function Headline({ row }: { row: ViolationLine }) {
  return (
    <Text span fw={650}>
      {row.event || row.call}: {row.type}
    </Text>
  );
}

function Detail({ row }: { row: ViolationLine }) {
  const { draft } = usePlan();
  const rule = draft.rules.find((each) => each.type === row.call && each.event === row.event);
  const newest = rule && versionsOf(draft.rules, rule).at(-1);
  return (
    <Stack>
      <Text>{row.description}</Text>
      <Text size="sm" c="dimmed">
        {count(row.last_24_hours)} in 24 hours, {count(row.last_7_days)} in 7 days, {count(row.total)} in
        total; first seen <Time at={row.first_seen} />, last <Time at={row.last_seen} />.
      </Text>
      <Group gap="xs">
        {newest ? (
          <Button
            variant="default"
            size="xs"
            renderRoot={(props) => (
              <Link
                from="/tracking-plans/$name"
                to="/tracking-plans/$name"
                search={{ tab: "rules", rule: ruleKey(newest) }}
                {...props}
              />
            )}
          >
            Open rule for {ruleTitle(newest)}
          </Button>
        ) : (
          <Button
            variant="default"
            size="xs"
            renderRoot={(props) => (
              <Link
                from="/tracking-plans/$name"
                to="/tracking-plans/$name"
                search={{ tab: "infer", source: row.source, q: row.event || row.call }}
                {...props}
              />
            )}
          >
            Create rule from events
          </Button>
        )}
      </Group>
      <Title order={3} size="h5">
        {row.samples.length ? "Newest samples" : "No samples are kept any more"}
      </Title>
      {row.samples.map((sample) => (
        <Paper key={`${sample.message_id} ${sample.received_at}`} p="sm">
          <Group justify="space-between" mb="xs" gap="xs">
            <Text size="sm">
              <Time at={sample.received_at} /> · {sample.user_id || sample.anonymous_id || "no user"}
            </Text>
            <Group gap={4}>
              <Copy value={sample.payload} what="event" />
              <WhatBecame messageId={sample.message_id} />
            </Group>
          </Group>
          <MarkedJson value={sample.payload} fields={[row.field]} label={`Event ${sample.message_id}`} />
        </Paper>
      ))}
    </Stack>
  );
}

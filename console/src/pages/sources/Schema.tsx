/** What the source has sent: events with their properties, how many, since when; and what of it is blocked. */

import { Alert, Badge, Group, SegmentedControl, Stack, Switch, Text, Tooltip } from "@mantine/core";
import { IconListDetails, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { $api, api } from "~/api/client";
import type { EventLine, EventVolume, SchemaPage, SourceDetail } from "~/api/schema";
import { useMay } from "~/api/session";
import { type Column, DataTable } from "~/components/DataTable";
import { nextPage } from "~/components/nextPage";
import { review } from "~/components/review";
import { Sparkline } from "~/components/Sparkline";
import { Empty, Loaded } from "~/components/states";
import { Time } from "~/components/Time";
import { Typed } from "~/components/Typed";
import { count, counted } from "~/format/format";
import { blocking, isBlocked, nameOf } from "./blocking";
import { EventDrawer } from "./EventDrawer";
import type { SourceSearch } from "./routes";
import { put, whole } from "./source";

const PAGE = 100;
const EVERY_MS = 10_000;

interface Props {
  detail: SourceDetail;
  search: SourceSearch;
  onSearch: (next: Partial<SourceSearch>) => void;
}

export default function Schema({ detail, search, onSearch }: Props) {
  const { name } = detail.source;
  const { q = "", since = "24h" } = search;
  const query = useInfiniteQuery({
    queryKey: ["source schema", name, q, since],
    queryFn: async ({ pageParam, signal }): Promise<SchemaPage> => {
      const asked = { event: q || null, since, limit: PAGE, cursor: pageParam };
      const params = { path: { name }, query: asked };
      return (await api.GET("/api/v1/sources/{name}/schema", { params, signal })).data as SchemaPage;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchInterval: EVERY_MS,
  });
  const volumes = $api.useQuery("get", "/api/v1/events/volume", {
    params: { query: { since: "7d", by: "event", source: name } },
  });
  return (
    <Stack>
      <Group justify="space-between" align="flex-end">
        <Typed
          label="Find an event"
          type="search"
          leftSection={<IconSearch size={16} />}
          value={q}
          onTyped={(text) => onSearch({ q: text.trim() || undefined })}
          w={{ base: "100%", xs: 300 }}
        />
        <Group gap="xs">
          <Text size="sm" c="dimmed" id="new-since">
            New is what came first in the last
          </Text>
          <SegmentedControl
            size="xs"
            aria-labelledby="new-since"
            data={[
              { value: "24h", label: "day" },
              { value: "7d", label: "week" },
              { value: "30d", label: "month" },
            ]}
            value={since}
            onChange={(chosen) => onSearch({ since: chosen as SourceSearch["since"] })}
          />
        </Group>
      </Group>
      <Loaded query={query}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.data);
          const first = pages[0] as SchemaPage;
          if (rows.length === 0)
            return (
              <Empty
                icon={IconListDetails}
                title={q ? "No event has that in its name" : "Nothing was sent yet"}
              >
                {q
                  ? "The search looks at the names of events."
                  : "As soon as events come, their names and types are listed here."}
              </Empty>
            );
          return (
            <>
              {first.events_overflow > 0 && (
                <Alert color="orange" title="More names than can be listed">
                  {counted(first.events_overflow, "event")} had a name that is not listed, because there are
                  enough. That mostly means that somebody puts ids into names.
                </Alert>
              )}
              <DataTable
                label="Events that the source has sent"
                columns={columns(detail, volumes.data)}
                rows={rows}
                rowKey={keyOf}
                rowHeight={52}
                onOpen={(row) => onSearch({ event: keyOf(row) })}
                onEnd={nextPage(query)}
                isFetching={query.isFetchingNextPage}
                footer={q ? counted(rows.length, "event name") : counted(first.events, "event name")}
              />
              <EventDrawer
                detail={detail}
                event={rows.find((row) => keyOf(row) === search.event)}
                onClose={() => onSearch({ event: undefined })}
              />
            </>
          );
        }}
      </Loaded>
    </Stack>
  );
}

function keyOf(row: EventLine): string {
  return `${row.call}:${row.event}`;
}

function columns(detail: SourceDetail, volumes: EventVolume | undefined): Column<EventLine>[] {
  const hasPlan = Boolean(detail.source.tracking_plan);
  const planned: Column<EventLine> = {
    key: "plan",
    label: "Plan",
    width: "7rem",
    cell: (row) =>
      row.planned ? <Badge color="green">planned</Badge> : <Badge color="orange">unplanned</Badge>,
  };
  return [
    {
      key: "event",
      label: "Event",
      width: "minmax(0, 2fr)",
      isTitle: true,
      cell: (row) => <Name row={row} />,
    },
    {
      key: "trend",
      label: "Last 7 days",
      width: "7rem",
      cell: (row) => (
        <Sparkline
          points={volumes?.series.find((each) => each.name === (row.event || row.call))?.points ?? []}
          label="Events in the last 7 days"
        />
      ),
    },
    { key: "volume", label: "Ever", width: "6.5rem", align: "right", cell: (row) => count(row.volume) },
    { key: "last", label: "Last", width: "minmax(7rem, 1fr)", cell: (row) => <Time at={row.last_seen} /> },
    { key: "first", label: "First", width: "minmax(7rem, 1fr)", cell: (row) => <Time at={row.first_seen} /> },
    {
      key: "properties",
      label: "Properties",
      width: "6.5rem",
      align: "right",
      cell: (row) => count(row.properties.length),
    },
    ...(hasPlan ? [planned] : []),
    { key: "taken", label: "Taken", width: "5.5rem", cell: (row) => <Taken detail={detail} row={row} /> },
  ];
}

function Name({ row }: { row: EventLine }) {
  return (
    <Group gap={6} wrap="nowrap">
      <Badge color="gray" variant="outline">
        {row.call}
      </Badge>
      <Text fw={550} truncate title={nameOf(row)}>
        {nameOf(row)}
      </Text>
      {row.new && <Badge color="blue">new</Badge>}
    </Group>
  );
}

function Taken({ detail, row }: { detail: SourceDetail; row: EventLine }) {
  const may = useMay("editor");
  const source = whole(detail.source);
  const next = blocking(source, row);
  const label = `Take ${nameOf(row)}`;
  if (!next)
    return (
      <Tooltip label="Identify, group and alias calls are not blocked as a whole; traits can be, one by one.">
        <Switch checked readOnly disabled aria-label={label} size="sm" />
      </Tooltip>
    );
  const blocked = isBlocked(source, row);
  return (
    <Switch
      size="sm"
      aria-label={label}
      checked={!blocked}
      disabled={!may}
      onChange={() =>
        review({
          title: blocked ? `Take ${nameOf(row)} again` : `Block ${nameOf(row)}`,
          notes: blocked
            ? [
                "Those that were blocked meanwhile are dead letters with the reason event_setting, and can be replayed.",
              ]
            : [
                `${counted(row.volume, "event")} of this name until now; those stay.`,
                "Those that come from now on become dead letters with the reason event_setting, and reach nobody.",
              ],
          ask: put(detail, next),
        })
      }
    />
  );
}

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
          label="Search events"
          type="search"
          leftSection={<IconSearch size={16} />}
          value={q}
          onTyped={(text) => onSearch({ q: text.trim() || undefined })}
          w={{ base: "100%", xs: 300 }}
        />
        <Group gap="xs">
          <Text size="sm" c="dimmed" id="new-since">
            Mark as new if first seen in the last
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
              <Empty icon={IconListDetails} title={q ? "No matching events" : "No events yet"}>
                {q
                  ? "Search matches event names."
                  : "Events and their properties appear here as soon as they arrive."}
              </Empty>
            );
          return (
            <>
              {first.events_overflow > 0 && (
                <Alert color="orange" title="Too many event names">
                  {counted(first.events_overflow, "event")} had a name beyond the limit and are not listed.
                  This usually means IDs are part of event names.
                </Alert>
              )}
              <DataTable
                label="Events of this source"
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
      row.planned ? <Badge color="green">Planned</Badge> : <Badge color="orange">Unplanned</Badge>,
  };
  return [
    {
      key: "event",
      label: "Event",
      width: "minmax(0, 1fr)",
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
    { key: "volume", label: "Total", width: "5rem", align: "right", cell: (row) => count(row.volume) },
    {
      key: "last",
      label: "Last seen",
      width: "8.25rem",
      cell: (row) => <Time at={row.last_seen} />,
    },
    {
      key: "first",
      label: "First seen",
      width: "8.25rem",
      cell: (row) => <Time at={row.first_seen} />,
    },
    {
      key: "properties",
      label: "Properties",
      width: "5.5rem",
      align: "right",
      cell: (row) => count(row.properties.length),
    },
    ...(hasPlan ? [planned] : []),
    { key: "allowed", label: "Allowed", width: "5.5rem", cell: (row) => <Taken detail={detail} row={row} /> },
  ];
}

function Name({ row }: { row: EventLine }) {
  return (
    <Group gap={6} wrap="nowrap">
      {row.event && (
        <Badge color="gray" variant="outline" style={{ flex: "none" }}>
          {row.call}
        </Badge>
      )}
      <Text fw={550} truncate title={nameOf(row)}>
        {nameOf(row)}
      </Text>
      {row.new && (
        <Badge color="blue" style={{ flex: "none" }}>
          New
        </Badge>
      )}
    </Group>
  );
}

function Taken({ detail, row }: { detail: SourceDetail; row: EventLine }) {
  const may = useMay("editor");
  const source = whole(detail.source);
  const next = blocking(source, row);
  const label = `Allow ${nameOf(row)}`;
  if (!next)
    return (
      <Tooltip label="Identify, group and alias calls can’t be blocked as a whole. You can block single traits.">
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
          title: blocked ? `Allow ${nameOf(row)} again` : `Block ${nameOf(row)}`,
          notes: blocked
            ? [
                "Events blocked until now are dead letters with the reason event_setting. You can replay them.",
              ]
            : [
                `${counted(row.volume, "event")} received so far; they are kept.`,
                "New ones become dead letters with the reason event_setting and reach no destination.",
              ],
          ask: put(detail, next),
        })
      }
    />
  );
}

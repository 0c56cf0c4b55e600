/** All destinations, and how each is doing. */

import { Badge, Button, Group, Select, Stack, Text, Tooltip } from "@mantine/core";
import { IconPlugConnected, IconPlus, IconSearch } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { $api } from "~/api/client";
import { type Column, DataTable } from "~/components/DataTable";
import { Initials } from "~/components/Initials";
import { May } from "~/components/May";
import { PageHeader } from "~/components/PageHeader";
import { Sparkline } from "~/components/Sparkline";
import { Empty, Loaded } from "~/components/states";
import { Typed } from "~/components/Typed";
import { compact, count, counted, duration, share } from "~/format/format";
import { useTypes } from "./destination";
import { STATES } from "./routes";
import { matching, type Row, rowsOf } from "./rows";
import { LOOKS, StateBadge } from "./state";

const EVERY_MS = 10_000;

const ALL = { params: { query: { limit: 1000 } } };

export default function Page() {
  const { q = "", state } = useSearch({ from: "/shell/destinations" });
  const navigate = useNavigate({ from: "/destinations" });
  const lines = $api.useQuery("get", "/api/v1/destinations", ALL);
  const now = $api.useQuery("get", "/api/v1/overview", {}, { refetchInterval: EVERY_MS });
  const volume = $api.useQuery(
    "get",
    "/api/v1/deliveries/volume",
    { params: { query: { since: "1h", step: 300 } } },
    { refetchInterval: EVERY_MS },
  );
  const audiences = $api.useQuery("get", "/api/v1/audiences", ALL);
  const traits = $api.useQuery("get", "/api/v1/traits", ALL);
  const types = useTypes();
  const rows = useMemo(
    () =>
      rowsOf(lines.data?.data ?? [], types.data?.data ?? [], now.data?.destinations ?? [], volume.data, [
        ...(audiences.data?.data ?? []),
        ...(traits.data?.data ?? []),
      ]),
    [lines.data, types.data, now.data, volume.data, audiences.data, traits.data],
  );
  const shown = matching(rows, q, state);
  return (
    <>
      <PageHeader
        title="Destinations"
        description="Tools and warehouses that receive your events, traits and audiences."
        actions={rows.length > 0 ? <Add /> : undefined}
      />
      <Loaded query={lines}>
        {() =>
          rows.length === 0 ? (
            <Empty icon={IconPlugConnected} title="No destinations yet" action={<Add />}>
              Connect an analytics service, a CRM, an ad network or a warehouse, or reach any other tool with
              a webhook.
            </Empty>
          ) : (
            <>
              <Group mb="sm" gap="sm">
                <Typed
                  aria-label="Search destinations"
                  placeholder="Search by name, type or source"
                  leftSection={<IconSearch size={16} />}
                  value={q}
                  onTyped={(text) =>
                    void navigate({
                      search: (before) => ({ ...before, q: text || undefined }),
                      replace: true,
                    })
                  }
                  flex="0 1 22rem"
                />
                <Select
                  aria-label="Status"
                  placeholder="Any status"
                  clearable
                  data={STATES.map((each) => ({ value: each, label: LOOKS[each].label }))}
                  value={state ?? null}
                  onChange={(chosen) =>
                    void navigate({
                      search: (before) => ({ ...before, state: (chosen ?? undefined) as typeof state }),
                      replace: true,
                    })
                  }
                  w="12rem"
                />
              </Group>
              {shown.length === 0 ? (
                <Empty
                  icon={IconSearch}
                  title="No matching destinations"
                  action={
                    <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                      Clear filters
                    </Button>
                  }
                >
                  Try another search or status.
                </Empty>
              ) : (
                <DataTable
                  label="Destinations"
                  columns={COLUMNS}
                  rows={shown}
                  rowKey={(row) => row.name}
                  onOpen={(row) => void navigate({ to: "/destinations/$name", params: { name: row.name } })}
                  rowHeight={64}
                  footer={counted(shown.length, "destination")}
                />
              )}
            </>
          )
        }
      </Loaded>
    </>
  );
}

function Add() {
  return (
    <May role="editor">
      <Button
        leftSection={<IconPlus size={16} />}
        renderRoot={(props) => <Link to="/destinations/-/new" {...props} />}
      >
        Add destination
      </Button>
    </May>
  );
}

const COLUMNS: Column<Row>[] = [
  {
    key: "name",
    label: "Destination",
    width: "minmax(11rem, 1.1fr)",
    isTitle: true,
    cell: (row) => (
      <Group gap="sm" wrap="nowrap">
        <Initials name={row.typeLabel} />
        <Stack gap={0} miw={0}>
          <Text fw={550} truncate>
            {row.name}
          </Text>
          <Text size="sm" c="dimmed" truncate fw={400}>
            {row.typeLabel}
          </Text>
        </Stack>
      </Group>
    ),
  },
  {
    key: "state",
    label: "Status",
    width: "9rem",
    cell: (row) => (row.state ? <StateBadge state={row.state} /> : <Text c="dimmed">…</Text>),
  },
  {
    key: "hour",
    label: "Last hour",
    width: "minmax(12rem, 1.2fr)",
    cell: (row) => <LastHour row={row} />,
  },
  {
    key: "latency",
    label: "p95 latency",
    width: "6.5rem",
    align: "right",
    cell: (row) =>
      row.volume?.p95_ms ? (
        <Tooltip label={`95th percentile. Median: ${duration(row.volume.p50_ms)}.`}>
          <Text size="sm" tabIndex={0} span>
            {duration(row.volume.p95_ms)}
          </Text>
        </Tooltip>
      ) : (
        <Text size="sm" c="dimmed" span>
          –
        </Text>
      ),
  },
  {
    key: "sources",
    label: "Receives",
    width: "minmax(9rem, 0.9fr)",
    cell: (row) => (
      <Text size="sm" lineClamp={2}>
        {row.sources.length ? row.sources.join(", ") : "No events"}
        {row.connected.length > 0 && (
          <Text span inherit c="dimmed">
            {" "}
            + {counted(row.connected.length, "audience or trait", "audiences and traits")}
          </Text>
        )}
      </Text>
    ),
  },
  {
    key: "waiting",
    label: "Issues",
    width: "8.5rem",
    cell: (row) => (
      <Group gap={4}>
        {row.deadLetters > 0 && <Badge color="red">{counted(row.deadLetters, "dead letter")}</Badge>}
        {row.retries > 0 && <Badge color="yellow">{count(row.retries)} retrying</Badge>}
        {row.waiting > 1_000 && <Badge color="blue">{compact(row.waiting)} queued</Badge>}
        {!row.deadLetters && !row.retries && row.waiting <= 1_000 && (
          <Text size="sm" c="dimmed">
            None
          </Text>
        )}
      </Group>
    ),
  },
];

function LastHour({ row }: { row: Row }) {
  if (!row.volume)
    return (
      <Text size="sm" c="dimmed">
        …
      </Text>
    );
  const { delivered, failed, retrying } = row.volume;
  const attempts = delivered + failed + retrying;
  if (attempts === 0)
    return (
      <Text size="sm" c="dimmed">
        Nothing sent
      </Text>
    );
  return (
    <Group gap="sm" wrap="nowrap">
      <Sparkline points={row.points} label="Attempts in the last hour" width={64} />
      <Stack gap={0}>
        <Text size="sm">{compact(delivered)} delivered</Text>
        <Text size="sm" c={failed ? "var(--mantine-color-error)" : "dimmed"}>
          {failed ? failedOf(failed / (delivered + failed)) : retrying ? retriedOf(retrying) : "No failures"}
        </Text>
      </Stack>
    </Group>
  );
}

function retriedOf(attempts: number): string {
  return attempts === 1 ? "1 retry" : `${compact(attempts)} retries`;
}

/** Of the events that came to an end: an attempt that is repeated is no failure yet. */
function failedOf(part: number): string {
  return part < 0.001 ? "< 0.1% failed" : `${share(part)} failed`;
}

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
        description="Tools and warehouses that get events, traits and audiences."
        actions={rows.length > 0 ? <Add /> : undefined}
      />
      <Loaded query={lines}>
        {() =>
          rows.length === 0 ? (
            <Empty icon={IconPlugConnected} title="Nothing gets your events yet" action={<Add />}>
              Connect a tool: an analytics service, a CRM, an ad network, a warehouse, or any address of yours
              with a webhook.
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
                  aria-label="State"
                  placeholder="Any state"
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
                <Empty icon={IconSearch} title="No destination is like that">
                  Search for less, or for another state.
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
    width: "minmax(11rem, 1.5fr)",
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
    label: "State",
    width: "9rem",
    cell: (row) => (row.state ? <StateBadge state={row.state} /> : <Text c="dimmed">…</Text>),
  },
  {
    key: "hour",
    label: "Last hour",
    width: "minmax(13.5rem, 1.3fr)",
    cell: (row) => <LastHour row={row} />,
  },
  {
    key: "latency",
    label: "Takes",
    width: "5.5rem",
    align: "right",
    cell: (row) =>
      row.volume?.p95_ms ? (
        <Tooltip
          label={`Half of the attempts took at most ${duration(row.volume.p50_ms)}, 95 of 100 at most ${duration(row.volume.p95_ms)}.`}
        >
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
    label: "Gets",
    width: "minmax(8rem, 1.1fr)",
    cell: (row) => (
      <Text size="sm" lineClamp={2}>
        {row.sources.length ? row.sources.join(", ") : "no events"}
        {row.connected.length > 0 && (
          <Text span inherit c="dimmed">
            {" "}
            + {counted(row.connected.length, "trait or audience", "traits and audiences")}
          </Text>
        )}
      </Text>
    ),
  },
  {
    key: "waiting",
    label: "To look at",
    width: "9.5rem",
    cell: (row) => (
      <Group gap={4}>
        {row.deadLetters > 0 && <Badge color="red">{compact(row.deadLetters)} dead letters</Badge>}
        {row.retries > 0 && <Badge color="yellow">{count(row.retries)} retrying</Badge>}
        {row.waiting > 1_000 && <Badge color="blue">{count(row.waiting)} behind</Badge>}
        {!row.deadLetters && !row.retries && row.waiting <= 1_000 && (
          <Text size="sm" c="dimmed">
            nothing
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
        nothing was sent
      </Text>
    );
  return (
    <Group gap="sm" wrap="nowrap">
      <Sparkline points={row.points} label="Attempts over the last hour" width={64} />
      <Stack gap={0}>
        <Text size="sm">{compact(delivered)} delivered</Text>
        <Text size="sm" c={failed + retrying ? "var(--mantine-color-error)" : "dimmed"}>
          {failed + retrying ? failedOf((failed + retrying) / attempts) : "none failed"}
        </Text>
      </Stack>
    </Group>
  );
}

function failedOf(part: number): string {
  return part < 0.001 ? "< 0.1% failed" : `${share(part)} failed`;
}

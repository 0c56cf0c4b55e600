/** Every destination: how it is, what it takes now, and how the last 24 hours went. */

import { Anchor, Badge, Group, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { DestinationNow } from "~/api/schema";
import { count, duration, perSecond } from "~/format/format";
import { Hours } from "./Hours";
import { TablePanel } from "./TablePanel";

const STATES: Record<string, { color: string; label: string; means: string }> = {
  ok: { color: "green", label: "healthy", means: "Accepts everything it is sent" },
  retrying: { color: "yellow", label: "retrying", means: "Some attempts failed and are being retried" },
  failing: { color: "red", label: "failing", means: "Some events of the last hour failed for good" },
  down: { color: "red", label: "down", means: "Not responding. Events wait until it is back" },
  off: { color: "gray", label: "off", means: "Disabled" },
};

export function DestinationTable({ destinations }: { destinations: readonly DestinationNow[] }) {
  return (
    <TablePanel
      title="Destinations"
      to="/destinations"
      head={
        <>
          <Table.Th>Destination</Table.Th>
          <Table.Th ta="right">Now</Table.Th>
          <Table.Th ta="right">Delivered (24 h)</Table.Th>
          <Table.Th ta="right">Failed</Table.Th>
          <Table.Th ta="right">Waiting</Table.Th>
          <Table.Th ta="right">Response time</Table.Th>
          <Table.Th>Last 24 hours</Table.Th>
        </>
      }
      none={
        destinations.length === 0 ? (
          <Text px="md" pb="md" pt="xs" size="sm" c="dimmed">
            No destinations yet. Events are kept in the lake, and can be replayed to a destination that you
            add later.
          </Text>
        ) : undefined
      }
    >
      {destinations.map((each) => (
        <Row key={each.name} destination={each} />
      ))}
    </TablePanel>
  );
}

function Row({ destination }: { destination: DestinationNow }) {
  const state = STATES[destination.state] ?? STATES.ok;
  const waiting = destination.retries + destination.lag_events;
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <Anchor
            size="sm"
            fw={550}
            renderRoot={(props) => (
              <Link to="/destinations/$name" params={{ name: destination.name }} {...props} />
            )}
          >
            {destination.name}
          </Anchor>
          <Badge color={state?.color} title={state?.means} style={{ flex: "none" }}>
            {state?.label}
          </Badge>
        </Group>
      </Table.Td>
      <Table.Td ta="right">
        {destination.per_second === null ? "…" : perSecond(destination.per_second)}
      </Table.Td>
      <Table.Td ta="right">{count(destination.delivered)}</Table.Td>
      <Table.Td ta="right">
        <Text span inherit c={destination.failed ? "var(--mantine-color-error)" : "dimmed"}>
          {count(destination.failed)}
        </Text>
      </Table.Td>
      <Table.Td ta="right">
        <Text
          span
          inherit
          c={waiting ? undefined : "dimmed"}
          title={`${count(destination.retries)} waiting for a retry, ${count(destination.lag_events)} for a first attempt`}
        >
          {count(waiting)}
        </Text>
      </Table.Td>
      <Table.Td ta="right">
        <span title="95 of 100 attempts were answered within this time">
          {destination.p95_ms ? duration(destination.p95_ms) : "–"}
        </span>
      </Table.Td>
      <Table.Td>
        <Hours points={destination.hours} label={`Events delivered to ${destination.name}`} />
      </Table.Td>
    </Table.Tr>
  );
}

/** Every destination: how it is, what it takes now, and how the last 24 hours went. */

import { Anchor, Badge, Group, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { DestinationNow } from "~/api/schema";
import { count, duration, rate } from "~/format/format";
import { Hours } from "./Hours";
import { TablePanel } from "./TablePanel";

const STATES: Record<string, { color: string; label: string; means: string }> = {
  ok: { color: "green", label: "fine", means: "takes what it is sent" },
  retrying: { color: "yellow", label: "retrying", means: "some attempts failed and are repeated" },
  failing: { color: "red", label: "failing", means: "events were given up in the last hour" },
  down: { color: "red", label: "down", means: "does not answer; it is only probed" },
  off: { color: "gray", label: "off", means: "disabled" },
};

export function DestinationTable({ destinations }: { destinations: readonly DestinationNow[] }) {
  return (
    <TablePanel
      title="Destinations"
      all="All destinations"
      to="/destinations"
      head={
        <>
          <Table.Th>Destination</Table.Th>
          <Table.Th ta="right">Now</Table.Th>
          <Table.Th ta="right">Delivered, 24 h</Table.Th>
          <Table.Th ta="right">Failed</Table.Th>
          <Table.Th ta="right">Waiting</Table.Th>
          <Table.Th ta="right">Answers in</Table.Th>
          <Table.Th>By the hour</Table.Th>
        </>
      }
      none={
        destinations.length === 0 ? (
          <Text px="md" pb="md" pt="xs" size="sm" c="dimmed">
            None yet. Events are kept in the lake until there is one, and can be sent again.
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
        {destination.per_second === null ? "…" : `${rate(destination.per_second)}/s`}
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
          title={`${count(destination.retries)} to be retried, ${count(destination.lag_events)} not begun`}
        >
          {count(waiting)}
        </Text>
      </Table.Td>
      <Table.Td ta="right">{destination.p95_ms ? duration(destination.p95_ms) : "–"}</Table.Td>
      <Table.Td>
        <Hours points={destination.hours} label={`Events delivered to ${destination.name}`} />
      </Table.Td>
    </Table.Tr>
  );
}

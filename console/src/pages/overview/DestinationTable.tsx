/** Every destination: how it is, what it takes now, and how the last 24 hours went. */

import { Anchor, Badge, Group, Paper, Table, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { DestinationNow } from "~/api/schema";
import { count, duration, rate } from "~/format/format";
import classes from "./Overview.module.css";
import { Sparkline } from "./Sparkline";

const STATES: Record<string, { color: string; label: string; means: string }> = {
  ok: { color: "green", label: "fine", means: "takes what it is sent" },
  retrying: { color: "yellow", label: "retrying", means: "some attempts failed and are repeated" },
  failing: { color: "red", label: "failing", means: "events were given up in the last hour" },
  down: { color: "red", label: "down", means: "does not answer; it is only probed" },
  off: { color: "gray", label: "off", means: "disabled" },
};

export function DestinationTable({ destinations }: { destinations: readonly DestinationNow[] }) {
  return (
    <Paper>
      <Group px="md" pt="sm" justify="space-between">
        <Title order={2} size="h5">
          Destinations
        </Title>
        <Anchor size="sm" renderRoot={(props) => <Link to="/destinations" {...props} />}>
          All destinations
        </Anchor>
      </Group>
      {destinations.length === 0 ? (
        <Text px="md" pb="md" pt="xs" size="sm" c="dimmed">
          None yet. Events are kept in the lake until there is one, and can be sent again.
        </Text>
      ) : (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label="Destinations">
          <Table verticalSpacing={8} horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Destination</Table.Th>
                <Table.Th ta="right">Now</Table.Th>
                <Table.Th ta="right">Delivered, 24 h</Table.Th>
                <Table.Th ta="right">Failed</Table.Th>
                <Table.Th ta="right">Waiting</Table.Th>
                <Table.Th ta="right">Answers in</Table.Th>
                <Table.Th>By the hour</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {destinations.map((each) => (
                <Row key={each.name} destination={each} />
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Paper>
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
        <Sparkline points={destination.hours} label={`Events delivered to ${destination.name}`} />
      </Table.Td>
    </Table.Tr>
  );
}

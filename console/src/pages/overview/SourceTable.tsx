/** Every source: what it sends now, and what it has sent in the last 24 hours. */

import { Anchor, Badge, Group, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { SourceNow } from "~/api/schema";
import { Time } from "~/components/Time";
import { count, perSecond } from "~/format/format";
import { Hours } from "./Hours";
import { TablePanel } from "./TablePanel";

export function SourceTable({ sources }: { sources: readonly SourceNow[] }) {
  return (
    <TablePanel
      title="Sources"
      to="/sources"
      head={
        <>
          <Table.Th>Source</Table.Th>
          <Table.Th ta="right">Now</Table.Th>
          <Table.Th ta="right">Accepted (24 h)</Table.Th>
          <Table.Th ta="right">Not accepted</Table.Th>
          <Table.Th>Last 24 hours</Table.Th>
          <Table.Th>Last event</Table.Th>
        </>
      }
    >
      {sources.map((source) => (
        <Table.Tr key={source.name}>
          <Table.Td>
            <Group gap="xs" wrap="nowrap">
              <Anchor
                size="sm"
                fw={550}
                renderRoot={(props) => <Link to="/sources/$name" params={{ name: source.name }} {...props} />}
              >
                {source.name}
              </Anchor>
              {!source.enabled && <Badge color="gray">off</Badge>}
            </Group>
          </Table.Td>
          <Table.Td ta="right">{source.per_second === null ? "…" : perSecond(source.per_second)}</Table.Td>
          <Table.Td ta="right">{count(source.accepted)}</Table.Td>
          <Table.Td ta="right">
            <Text
              span
              inherit
              c={source.dropped ? undefined : "dimmed"}
              title="Duplicates, and whatever else was not accepted"
            >
              {count(source.dropped)}
            </Text>
          </Table.Td>
          <Table.Td>
            <Hours points={source.hours} label={`Accepted events of ${source.name}`} />
          </Table.Td>
          <Table.Td>
            <LastEvent source={source} />
          </Table.Td>
        </Table.Tr>
      ))}
    </TablePanel>
  );
}

const HOUR_MS = 3_600_000;

/** It is known to the hour: when the last one with events began. */
function LastEvent({ source: { per_second, last_hour_at } }: { source: SourceNow }) {
  if (per_second) return "now";
  if (!last_hour_at)
    return (
      <Text span inherit c="dimmed">
        no events yet
      </Text>
    );
  const ended = Date.parse(last_hour_at) + HOUR_MS;
  return ended > Date.now() ? "within the hour" : <Time at={ended} />;
}

/** Every source: what it sends now, and what it has sent in the last 24 hours. */

import { Anchor, Badge, Group, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { SourceNow } from "~/api/schema";
import { Time } from "~/components/Time";
import { count, rate } from "~/format/format";
import { Hours } from "./Hours";
import { TablePanel } from "./TablePanel";

export function SourceTable({ sources }: { sources: readonly SourceNow[] }) {
  return (
    <TablePanel
      title="Sources"
      all="All sources"
      to="/sources"
      head={
        <>
          <Table.Th>Source</Table.Th>
          <Table.Th ta="right">Now</Table.Th>
          <Table.Th ta="right">Accepted, 24 h</Table.Th>
          <Table.Th ta="right">Not accepted</Table.Th>
          <Table.Th>By the hour</Table.Th>
          <Table.Th>Last heard of</Table.Th>
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
          <Table.Td ta="right">{source.per_second === null ? "…" : `${rate(source.per_second)}/s`}</Table.Td>
          <Table.Td ta="right">{count(source.accepted)}</Table.Td>
          <Table.Td ta="right">
            <Text span inherit c={source.dropped ? undefined : "dimmed"}>
              {count(source.dropped)}
            </Text>
          </Table.Td>
          <Table.Td>
            <Hours points={source.hours} label={`Accepted events of ${source.name}`} />
          </Table.Td>
          <Table.Td>
            {source.per_second ? (
              "now"
            ) : source.last_hour_at ? (
              <Time at={source.last_hour_at} />
            ) : (
              <Text span inherit c="dimmed">
                waits for its first event
              </Text>
            )}
          </Table.Td>
        </Table.Tr>
      ))}
    </TablePanel>
  );
}

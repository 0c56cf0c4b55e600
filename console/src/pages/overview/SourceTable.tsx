/** Every source: what it sends now, and what it has sent in the last 24 hours. */

import { Anchor, Badge, Group, Paper, Table, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { SourceNow } from "~/api/schema";
import { Time } from "~/components/Time";
import { count, rate } from "~/format/format";
import classes from "./Overview.module.css";
import { Sparkline } from "./Sparkline";

export function SourceTable({ sources }: { sources: readonly SourceNow[] }) {
  return (
    <Paper>
      <Group px="md" pt="sm" justify="space-between">
        <Title order={2} size="h5">
          Sources
        </Title>
        <Anchor size="sm" renderRoot={(props) => <Link to="/sources" {...props} />}>
          All sources
        </Anchor>
      </Group>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="Sources">
        <Table verticalSpacing={8} horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Source</Table.Th>
              <Table.Th ta="right">Now</Table.Th>
              <Table.Th ta="right">Accepted, 24 h</Table.Th>
              <Table.Th ta="right">Not accepted</Table.Th>
              <Table.Th>By the hour</Table.Th>
              <Table.Th>Last heard of</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sources.map((source) => (
              <Table.Tr key={source.name}>
                <Table.Td>
                  <Group gap="xs" wrap="nowrap">
                    <Anchor
                      size="sm"
                      fw={550}
                      renderRoot={(props) => (
                        <Link to="/sources/$name" params={{ name: source.name }} {...props} />
                      )}
                    >
                      {source.name}
                    </Anchor>
                    {!source.enabled && <Badge color="gray">off</Badge>}
                  </Group>
                </Table.Td>
                <Table.Td ta="right">
                  {source.per_second === null ? "…" : `${rate(source.per_second)}/s`}
                </Table.Td>
                <Table.Td ta="right">{count(source.accepted)}</Table.Td>
                <Table.Td ta="right">
                  <Text span inherit c={source.dropped ? undefined : "dimmed"}>
                    {count(source.dropped)}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <Sparkline points={source.hours} label={`Accepted events of ${source.name}`} />
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
          </Table.Tbody>
        </Table>
      </div>
    </Paper>
  );
}

/** What would become of each of the newest events, newest first. */

import { Badge, Box, Group, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import type { RecentEnd, RecentPreview } from "~/api/schema";
import { Prose } from "~/components/Prose";
import { useReasons } from "~/components/receipts";
import { Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { count } from "~/format/format";

type End = "sent" | "changed" | "filtered" | "rejected";

const ENDS: Record<End, { label: string; color: string }> = {
  sent: { label: "Sent", color: "green" },
  changed: { label: "Sent, changed", color: "blue" },
  filtered: { label: "Not sent", color: "gray" },
  rejected: { label: "Rejected", color: "red" },
};

function endOf(end: RecentEnd): End {
  if (end.outcome === "sent") return end.changed_by.length ? "changed" : "sent";
  return end.outcome === "rejected" ? "rejected" : "filtered";
}

export function RecentEnds({ query }: { query: UseQueryResult<RecentPreview> }) {
  const [shown, setShown] = useState<End | "all">("all");
  if (query.error) return <Failed error={query.error} />;
  if (!query.data) return <Loading lines={5} />;
  const { data } = query;
  if (data.looked === 0)
    return (
      <Text c="dimmed" size="sm">
        Its sources have sent no events recently, so there is nothing to preview.
      </Text>
    );
  const counts = countEnds(data.events);
  const lines = shown === "all" ? data.events : data.events.filter((end) => endOf(end) === shown);
  return (
    <Stack gap="sm" opacity={query.isPlaceholderData ? 0.5 : 1} aria-busy={query.isFetching}>
      <Group gap="xs">
        <SegmentedControl
          size="xs"
          aria-label="Show"
          value={shown}
          onChange={(value) => setShown(value as End | "all")}
          data={[
            { value: "all", label: `All ${data.looked}` },
            ...Object.entries(ENDS)
              .filter(([end]) => counts[end as End])
              .map(([end, { label }]) => ({ value: end, label: `${label} ${count(counts[end as End])}` })),
          ]}
        />
      </Group>
      <Box mah={420} tabIndex={0} role="region" aria-label="Recent events" style={{ overflow: "auto" }}>
        <Table verticalSpacing={6} aria-label="What would happen to recent events">
          <Table.Tbody>
            {lines.map((end) => (
              <Line key={`${end.message_id} ${end.received_at}`} end={end} />
            ))}
          </Table.Tbody>
        </Table>
      </Box>
    </Stack>
  );
}

function Line({ end }: { end: RecentEnd }) {
  const explain = useReasons();
  const { label, color } = ENDS[endOf(end)];
  const refused = end.mappings.find((each) => each.outcome === "rejected");
  const why = end.message || refused?.message || explain(end.reason)?.meaning || end.reason;
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={550}>
          {end.event ?? end.type}
        </Text>
        <Text size="xs" c="dimmed">
          {end.user_id ?? end.anonymous_id ?? "anonymous"}, {end.source}, <Time at={end.received_at} />
        </Text>
      </Table.Td>
      <Table.Td w="45%">
        <Group gap={6}>
          <Badge color={color} style={{ flex: "none" }}>
            {label}
          </Badge>
          {end.changed_by.length > 0 && (
            <Text size="xs" c="dimmed">
              by {end.changed_by.join(", ")}
            </Text>
          )}
        </Group>
        {why && endOf(end) !== "sent" && (
          <Text size="xs" c="dimmed" mt={2}>
            <Prose>{why}</Prose>
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function countEnds(ends: readonly RecentEnd[]): Record<End, number> {
  const found = { sent: 0, changed: 0, filtered: 0, rejected: 0 };
  for (const end of ends) found[endOf(end)] += 1;
  return found;
}

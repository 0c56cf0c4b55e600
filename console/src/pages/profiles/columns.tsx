/** What a list says about a profile. */

import { Anchor, Badge, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ProfileSummary } from "~/api/schema";
import type { Column } from "~/components/DataTable";
import { Initials } from "~/components/Initials";
import { Time } from "~/components/Time";
import { count } from "~/format/format";
import { valueText } from "~/format/value";

export const COLUMNS: Column<ProfileSummary>[] = [
  {
    key: "name",
    label: "Profile",
    width: "minmax(14rem, 2fr)",
    isTitle: true,
    cell: (row) => (
      <Group gap="sm" wrap="nowrap">
        <Initials name={row.name || "?"} size={32} />
        <div style={{ minWidth: 0 }}>
          <Anchor
            fw={600}
            renderRoot={(props) => <Link to="/profiles/$who" params={{ who: row.segment_id }} {...props} />}
          >
            {row.name || "Anonymous"}
          </Anchor>
          <Text size="xs" c="dimmed" fw={400}>
            {row.collection === "accounts" ? "Account" : "Person"}
            {row.merges > 0 && ` · ${count(row.merges)} merged`}
          </Text>
        </div>
      </Group>
    ),
  },
  {
    key: "ids",
    label: "Ids",
    width: "minmax(14rem, 2fr)",
    cell: (row) => (
      <div>
        {row.external_ids.slice(0, 2).map((id) => (
          <Text key={`${id.type}:${id.value}`} size="sm" truncate>
            <Text span size="xs" c="dimmed">
              {id.type}
            </Text>{" "}
            {id.value}
          </Text>
        ))}
        {row.external_ids_count > 2 && (
          <Text size="xs" c="dimmed">
            and {count(row.external_ids_count - 2)} more
          </Text>
        )}
        {row.external_ids_count === 0 && (
          <Text size="sm" c="dimmed">
            None
          </Text>
        )}
      </div>
    ),
  },
  {
    key: "traits",
    label: "Traits",
    width: "minmax(12rem, 2fr)",
    cell: (row) => (
      <Group gap={4}>
        {Object.entries(row.traits)
          .slice(0, 3)
          .map(([key, value]) => (
            <Badge key={key} color="gray" maw="100%" title={`${key}: ${valueText(value)}`}>
              {key}: {valueText(value)}
            </Badge>
          ))}
      </Group>
    ),
  },
  { key: "seen", label: "Last seen", width: "9rem", cell: (row) => <Time at={row.last_seen} /> },
  { key: "events", label: "Events", width: "6rem", align: "right", cell: (row) => count(row.events_count) },
];

/** The audiences that a profile is in, or was in. */

import { Anchor, Badge, Group, Text } from "@mantine/core";
import { IconTargetArrow } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { $api } from "~/api/client";
import type { Membership } from "~/api/schema";
import { type Column, DataTable } from "~/components/DataTable";
import { Empty, Loaded } from "~/components/states";
import { Time } from "~/components/Time";
import { EventLink } from "../EventLink";
import { nameOf } from "../identity/words";

const COLUMNS: Column<Membership>[] = [
  {
    key: "audience",
    label: "Audience",
    width: "minmax(12rem, 2fr)",
    isTitle: true,
    cell: (row) => (
      <Anchor
        fw={600}
        renderRoot={(props) => <Link to="/audiences/$key" params={{ key: row.key }} {...props} />}
      >
        {row.name}
      </Anchor>
    ),
  },
  {
    key: "member",
    label: "Status",
    width: "8rem",
    cell: (row) => (row.is_member ? <Badge color="green">Member</Badge> : <Badge color="gray">Left</Badge>),
  },
  {
    key: "since",
    label: "Since",
    width: "minmax(13rem, 2fr)",
    cell: (row) => (
      <div>
        <Text size="sm">
          {row.is_member ? "Entered " : "Left "}
          <Time at={row.changed_at} />
        </Text>
        <Text size="xs" c="dimmed">
          {row.message_id ? (
            <>
              with{" "}
              <EventLink messageId={row.message_id}>
                {nameOf({ message_id: "", type: row.event_type, name: row.event_name })}
              </EventLink>
            </>
          ) : (
            "as time passed, or when it was recomputed"
          )}
        </Text>
      </div>
    ),
  },
  {
    key: "told",
    label: "Destinations",
    width: "minmax(10rem, 2fr)",
    cell: (row) => (
      <Group gap={4}>
        {row.destinations.map((name) => (
          <Badge key={name} color="blue">
            {name}
          </Badge>
        ))}
        {row.destinations.length === 0 && (
          <Text size="sm" c="dimmed">
            None
          </Text>
        )}
      </Group>
    ),
  },
];

export function Audiences({ who }: { who: string }) {
  const query = $api.useQuery("get", "/api/v1/profiles/audiences/{who}", { params: { path: { who } } });
  return (
    <Loaded query={query}>
      {({ data }) =>
        data.length === 0 ? (
          <Empty icon={IconTargetArrow} title="Not in any audience">
            This profile has never matched an audience.
          </Empty>
        ) : (
          <DataTable label="Audiences" columns={COLUMNS} rows={data} rowKey={(row) => row.key} />
        )
      }
    </Loaded>
  );
}

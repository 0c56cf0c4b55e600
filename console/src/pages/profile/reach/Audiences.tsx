/** The audiences that a profile is in, or was in. */

import { Anchor, Badge, Group, Text } from "@mantine/core";
import { IconTargetArrow } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { $api } from "~/api/client";
import type { Membership } from "~/api/schema";
import { type Column, DataTable } from "~/components/DataTable";
import { Empty, Loaded } from "~/components/states";
import { Time } from "~/components/Time";

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
    label: "Now",
    width: "8rem",
    cell: (row) => (row.is_member ? <Badge color="green">in it</Badge> : <Badge color="gray">left</Badge>),
  },
  {
    key: "since",
    label: "Since",
    width: "13rem",
    cell: (row) => (
      <span>
        {row.is_member ? "entered " : "left "}
        <Time at={row.changed_at} />
      </span>
    ),
  },
  {
    key: "told",
    label: "Told to",
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
            nobody
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
          <Empty icon={IconTargetArrow} title="In no audience">
            It has never met the conditions of one.
          </Empty>
        ) : (
          <DataTable label="Audiences" columns={COLUMNS} rows={data} rowKey={(row) => row.key} />
        )
      }
    </Loaded>
  );
}

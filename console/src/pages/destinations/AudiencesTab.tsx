/** Traits and audiences that are synced to a destination. */

import { Alert, Anchor, Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconInfoCircle, IconTargetArrow } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { $api } from "~/api/client";
import type { Connected, DestinationDetail, TypeShape } from "~/api/schema";
import { type Column, DataTable } from "~/components/DataTable";
import { Empty } from "~/components/states";
import { count, counted } from "~/format/format";

interface Props {
  detail: DestinationDetail;
  type: TypeShape | undefined;
}

interface Row extends Connected {
  size: number | null;
  status: string;
}

export default function AudiencesTab({ detail, type }: Props) {
  const audiences = $api.useQuery("get", "/api/v1/audiences", { params: { query: { limit: 1000 } } });
  const rows: Row[] = detail.connected.map((each) => {
    const found = audiences.data?.data.find((line) => each.section === "audiences" && line.key === each.key);
    return { ...each, size: found?.size ?? null, status: found?.status ?? "" };
  });
  const dedupes = detail.destination.dedupes_on ?? type?.dedupes_on;
  return (
    <Stack>
      {dedupes && (
        <Alert color="blue" icon={<IconInfoCircle />}>
          People are deduplicated by <b>{dedupes}</b>: each is sent once, with their latest value, when they
          enter. Nothing is sent when they leave.
        </Alert>
      )}
      {rows.length === 0 ? (
        <Empty
          icon={IconTargetArrow}
          title="No traits or audiences connected"
          action={
            <Button variant="default" renderRoot={(props) => <Link to="/audiences" {...props} />}>
              View audiences
            </Button>
          }
        >
          Connect this destination on the page of an audience or trait. It then receives everyone who enters
          or leaves, and every value that changes.
        </Empty>
      ) : (
        <DataTable
          label="Traits and audiences"
          columns={COLUMNS}
          rows={rows}
          rowKey={(row) => `${row.section} ${row.key}`}
          footer={counted(rows.length, "connection")}
        />
      )}
    </Stack>
  );
}

const COLUMNS: Column<Row>[] = [
  {
    key: "name",
    label: "Name",
    width: "2fr",
    isTitle: true,
    cell: (row) => (
      <Group gap="xs">
        <Anchor
          renderRoot={(props) =>
            row.section === "audiences" ? (
              <Link to="/audiences/$key" params={{ key: row.key }} {...props} />
            ) : (
              <Link to="/traits/$key" params={{ key: row.key }} {...props} />
            )
          }
        >
          {row.name}
        </Anchor>
        <Text size="sm" c="dimmed" ff="monospace">
          {row.key}
        </Text>
      </Group>
    ),
  },
  {
    key: "kind",
    label: "Kind",
    width: "1fr",
    cell: (row) => (row.section === "audiences" ? "Audience" : "Trait"),
  },
  {
    key: "size",
    label: "Members",
    width: "8rem",
    align: "right",
    cell: (row) => (row.size === null ? "–" : count(row.size)),
  },
  {
    key: "status",
    label: "Status",
    width: "8rem",
    cell: (row) => row.status && <Badge color={row.status === "live" ? "green" : "blue"}>{row.status}</Badge>,
  },
];

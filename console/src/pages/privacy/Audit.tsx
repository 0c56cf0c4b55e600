/** Every receipt that was ever written. Nothing in it changes. */

import { Anchor, Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconListCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "~/api/client";
import type { PageHeadwaterServeUnifyRegulationsReceiptLine as Page, ReceiptLine } from "~/api/schema";
import { type Column, DataTable } from "~/components/DataTable";
import { nextPage } from "~/components/nextPage";
import { systemName } from "~/components/Regulation";
import { Empty, Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { count, counted } from "~/format/format";

const COLUMNS: Column<ReceiptLine>[] = [
  {
    key: "system",
    label: "System",
    width: "minmax(11rem, 1fr)",
    isTitle: true,
    cell: (row) => (
      <Group gap="xs">
        {systemName(row.system)} <Badge color="gray">{row.status.replace("_", " ")}</Badge>
      </Group>
    ),
  },
  {
    key: "detail",
    label: "Details",
    width: "minmax(16rem, 3fr)",
    cell: (row) => (
      <div>
        <Text size="sm">{row.detail}</Text>
        <Text size="xs" c="dimmed">
          {numbersOf(row)}
        </Text>
      </div>
    ),
  },
  {
    key: "request",
    label: "Request",
    width: "10rem",
    cell: (row) => (
      <Anchor
        inherit
        renderRoot={(props) => <Link to="/privacy" search={{ request: row.regulation }} {...props} />}
      >
        {row.regulation.slice(0, 12)}…
      </Anchor>
    ),
  },
  { key: "at", label: "When", width: "9rem", cell: (row) => <Time at={row.at} /> },
];

/** Counts as they are called in the receipt; instants and offsets say nothing to people. */
function numbersOf({ counts }: ReceiptLine): string {
  return Object.entries(counts)
    .filter(([name]) => !name.endsWith("_ms") && !name.endsWith("_before"))
    .map(([name, value]) => `${name.replaceAll("_", " ")}: ${count(value)}`)
    .join(", ");
}

export function Audit({ of, onOf }: { of: string | null; onOf: (regulation: string | null) => void }) {
  const query = useInfiniteQuery({
    queryKey: ["privacy-audit", of],
    queryFn: async ({ pageParam }): Promise<Page> => {
      const params = {
        query: { limit: 200, ...(of && { regulation: of }), ...(pageParam && { cursor: pageParam }) },
      };
      const { data } = await api.GET("/api/v1/privacy/audit", { params });
      return data as Page;
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? null,
  });
  const rows = query.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Stack>
      {of && (
        <Group>
          <Text size="sm">
            Receipts of request <b>{of}</b>
          </Text>
          <Button size="xs" variant="default" onClick={() => onOf(null)}>
            Show all
          </Button>
        </Group>
      )}
      {query.isPending && <Loading />}
      {query.error && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data &&
        (rows.length === 0 ? (
          <Empty icon={IconListCheck} title="No receipts yet">
            Every system writes a receipt for each step of a request. Receipts never contain user ids.
          </Empty>
        ) : (
          <DataTable
            label="Receipts of privacy requests"
            columns={COLUMNS}
            rows={rows}
            rowKey={(row) => String(row.number)}
            onEnd={nextPage(query)}
            isFetching={query.isFetchingNextPage}
            rowHeight={64}
            footer={`${counted(rows.length, "receipt")}${query.hasNextPage ? " loaded" : ""}`}
          />
        ))}
    </Stack>
  );
}

/** What became of a profile's events at destinations. */

import { Group, Select, Stack, Text } from "@mantine/core";
import { IconArrowsExchange } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { $api, api } from "~/api/client";
import type { DeliveryReceipt, PageHeadwaterServeDeliverReceiptsDeliveryReceipt as Page } from "~/api/schema";
import type { Column } from "~/components/DataTable";
import { nextPage } from "~/components/nextPage";
import { LiveTable, NEW_MAX, ReceiptDrawer, STATUSES, StatusBadge, whileEmpty } from "~/components/receipts";
import { Empty, Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { counted, duration } from "~/format/format";
import type { ProfileSearch } from "../routes";

const COLUMNS: Column<DeliveryReceipt>[] = [
  {
    key: "event",
    label: "Event",
    width: "minmax(10rem, 2fr)",
    isTitle: true,
    cell: (row) => <Text fw={600}>{row.event ?? row.type}</Text>,
  },
  { key: "destination", label: "Destination", width: "minmax(8rem, 1fr)", cell: (row) => row.destination },
  {
    key: "status",
    label: "Status",
    width: "minmax(12rem, 2fr)",
    cell: (row) => (
      <div>
        <StatusBadge status={row.status} />
        {row.message && (
          <Text size="sm" c="dimmed" lineClamp={2}>
            {row.message}
          </Text>
        )}
      </div>
    ),
  },
  {
    key: "attempts",
    label: "Attempts",
    width: "8rem",
    cell: (row) => (row.attempts > 0 ? `${row.attempts} · ${duration(row.latency_ms)}` : "–"),
  },
  { key: "at", label: "When", width: "9rem", cell: (row) => <Time at={row.at} /> },
];

interface Props {
  who: string;
  search: ProfileSearch;
  go: (next: Partial<ProfileSearch>) => void;
}

export function Deliveries({ who, search, go }: Props) {
  const { destination, status } = search;
  const filters = { ...(destination && { destination }), ...(status && { status }) };
  const queryKey = ["profile-deliveries", who, filters];
  const ask = async (page: { cursor?: string; limit?: number }, signal: AbortSignal): Promise<Page> => {
    const params = { path: { who }, query: { ...filters, ...page } };
    const { data } = await api.GET("/api/v1/profiles/deliveries/{who}", { params, signal });
    return data as Page;
  };
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => ask(pageParam ? { cursor: pageParam } : {}, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? null,
    refetchInterval: whileEmpty,
  });
  const isEmpty = query.data?.pages.every((page) => page.data.length === 0);
  return (
    <Stack>
      <Filters search={search} go={go} />
      {query.isPending && <Loading />}
      {query.error && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data &&
        (isEmpty ? (
          <Empty icon={IconArrowsExchange} title="No deliveries">
            {destination || status
              ? "No delivery matches these filters."
              : "Nothing was sent to a destination in the time for which receipts are kept."}
          </Empty>
        ) : (
          <LiveTable
            queryKey={queryKey}
            pages={query.data.pages}
            newest={(signal) => ask({ limit: NEW_MAX }, signal)}
            label="Deliveries"
            columns={COLUMNS}
            rowKey={(row) => `${row.id} ${row.message_id}`}
            onOpen={(row) => go({ receipt: row.id })}
            onEnd={nextPage(query)}
            isFetching={query.isFetchingNextPage}
            rowHeight={62}
            footer={(rows) =>
              `${counted(rows, "delivery", "deliveries")}${query.hasNextPage ? " loaded" : ""}`
            }
          />
        ))}
      <ReceiptDrawer
        id={search.receipt ?? null}
        onClose={() => go({ receipt: undefined })}
        onOpen={(receipt) => go({ receipt })}
      />
    </Stack>
  );
}

function Filters({ search, go }: Pick<Props, "search" | "go">) {
  const { data } = $api.useQuery("get", "/api/v1/destinations", { params: { query: { limit: 1000 } } });
  return (
    <Group align="flex-end">
      <Select
        label="Destination"
        placeholder="Any"
        data={data?.data.map((each) => each.name) ?? []}
        value={search.destination ?? null}
        onChange={(destination) => go({ destination: destination ?? undefined })}
        clearable
        searchable
        clearButtonProps={{ "aria-label": "Any destination" }}
        w={{ base: "100%", xs: 240 }}
      />
      <Select
        label="Status"
        placeholder="Any"
        data={Object.keys(STATUSES)}
        value={search.status ?? null}
        onChange={(status) => go({ status: (status ?? undefined) as ProfileSearch["status"] })}
        clearable
        clearButtonProps={{ "aria-label": "Any status" }}
        w={{ base: "100%", xs: 200 }}
      />
    </Group>
  );
}

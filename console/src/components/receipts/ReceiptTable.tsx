/** Receipts, newest first, as many as there are. */

import { Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { api } from "~/api/client";
import type { DeliveryReceipt } from "~/api/schema";
import { nextPage } from "~/components/nextPage";
import { counted, duration } from "~/format/format";
import type { Column } from "../DataTable";
import { Failed, Loading } from "../states";
import { Time } from "../Time";
import { LiveTable } from "./LiveTable";
import { begun, useReasons } from "./reasons";
import { type Status, StatusBadge } from "./status";
import { NEW_MAX, type ReceiptPage, whileEmpty } from "./useNewReceipts";

/** What is left out does not matter. */
export interface ReceiptQuestion {
  destination?: string;
  status?: Status;
  reason?: string;
  message_id?: string;
  profile_id?: string;
  user_id?: string;
  event?: string;
  source?: string;
  since?: string;
  until?: string;
}

const PAGE = 200;

interface Props {
  question: ReceiptQuestion;
  onOpen: (receipt: DeliveryReceipt) => void;
  /** Shown when there are none. */
  empty: ReactNode;
  height?: number | string;
}

export function ReceiptTable({ question, onOpen, empty, height }: Props) {
  const found = useReceipts(question, whileEmpty);
  const columns = useMemo(() => columnsOf(question), [question]);
  if (found.isPending) return <Loading lines={8} />;
  if (found.error && !found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const { pages } = found.data;
  if (pages.every((page) => page.data.length === 0) && !found.hasNextPage) return empty;
  return (
    <LiveTable
      queryKey={keyOf(question)}
      pages={pages}
      newest={(signal) => ask(question, { limit: NEW_MAX }, signal)}
      label="Receipts"
      columns={columns}
      rowKey={(receipt) => receipt.id}
      onOpen={onOpen}
      onEnd={nextPage(found)}
      isFetching={found.isFetchingNextPage}
      rowHeight={54}
      height={height}
      footer={(rows) => `${counted(rows, "receipt")}${found.hasNextPage ? " loaded; scroll for more" : ""}`}
    />
  );
}

export function useReceipts(question: ReceiptQuestion, refetchInterval?: typeof whileEmpty) {
  return useInfiniteQuery({
    queryKey: keyOf(question),
    queryFn: ({ pageParam, signal }) =>
      ask(question, { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval,
  });
}

function keyOf(question: ReceiptQuestion) {
  return ["receipts", question];
}

async function ask(
  question: ReceiptQuestion,
  page: { limit: number; cursor?: string },
  signal: AbortSignal,
): Promise<ReceiptPage> {
  const { data } = await api.GET("/api/v1/receipts", { params: { query: { ...question, ...page } }, signal });
  if (!data) throw new Error("an answer without receipts");
  return data;
}

function columnsOf(question: ReceiptQuestion): Column<DeliveryReceipt>[] {
  const columns: Column<DeliveryReceipt>[] = [
    {
      key: "event",
      label: "Event",
      width: "minmax(10rem, 1.4fr)",
      isTitle: true,
      cell: (receipt) => (
        <Text size="sm" fw={550} truncate>
          {receipt.event ?? receipt.type}
          {receipt.event && receipt.type !== "track" && (
            <Text span inherit c="dimmed" fw={400}>
              {" "}
              {receipt.type}
            </Text>
          )}
        </Text>
      ),
    },
    {
      key: "status",
      label: "Status",
      width: "7.5rem",
      cell: (receipt) => <StatusBadge status={receipt.status} />,
    },
    {
      key: "reason",
      label: "Reason",
      width: "minmax(9rem, 1.6fr)",
      cell: (receipt) => <Why receipt={receipt} />,
    },
    {
      key: "destination",
      label: "Destination",
      width: "minmax(7rem, 1fr)",
      cell: (receipt) => <Text size="sm">{receipt.destination}</Text>,
    },
    {
      key: "who",
      label: "User",
      width: "minmax(7rem, 1fr)",
      cell: (receipt) => (
        <Text size="sm" truncate c={receipt.user_id ? undefined : "dimmed"}>
          {receipt.user_id ?? receipt.anonymous_id ?? "–"}
        </Text>
      ),
    },
    {
      key: "attempts",
      label: "Attempts",
      width: "5rem",
      align: "right",
      cell: (receipt) => <Text size="sm">{receipt.attempts || "–"}</Text>,
    },
    {
      key: "latency",
      label: "Latency",
      width: "5rem",
      align: "right",
      cell: (receipt) => <Text size="sm">{receipt.attempts ? duration(receipt.latency_ms) : "–"}</Text>,
    },
    {
      key: "at",
      label: "When",
      width: "8rem",
      align: "right",
      cell: (receipt) => (
        <Text size="sm" c="dimmed" component="div">
          <Time at={receipt.at} />
        </Text>
      ),
    },
  ];
  return columns.filter((column) => column.key !== "destination" || !question.destination);
}

/** In words first; the code is for who searches for it. */
function Why({ receipt }: { receipt: DeliveryReceipt }) {
  const explain = useReasons();
  if (!receipt.reason)
    return (
      <Text size="sm" c="dimmed">
        –
      </Text>
    );
  const words = begun(receipt.message) || explain(receipt.reason)?.meaning.replaceAll("`", "") || "";
  return (
    <>
      <Text size="sm" truncate title={words}>
        {words || receipt.reason}
      </Text>
      {words && (
        <Text size="xs" c="dimmed" truncate>
          {receipt.reason}
        </Text>
      )}
    </>
  );
}

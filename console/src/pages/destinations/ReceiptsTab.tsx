/** What became of the events of one destination. */

import { Button, Group, SegmentedControl } from "@mantine/core";
import { IconArrowsExchange } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ReceiptTable, type Status } from "~/components/receipts";
import { Empty } from "~/components/states";
import { Typed } from "~/components/Typed";

const STATUSES = [
  { value: "", label: "All" },
  { value: "delivered", label: "Delivered" },
  { value: "failed", label: "Failed" },
  { value: "retrying", label: "Retrying" },
  { value: "filtered", label: "Filtered" },
];

interface Props {
  name: string;
  onOpen: (id: string) => void;
}

export default function ReceiptsTab({ name, onOpen }: Props) {
  const { status, reason } = useSearch({ from: "/shell/destinations/$name" });
  const navigate = useNavigate({ from: "/destinations/$name" });
  const narrow = (change: { status?: Status | undefined; reason?: string | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  return (
    <>
      <Group mb="sm" gap="sm">
        <SegmentedControl
          aria-label="Status"
          data={STATUSES}
          value={status ?? ""}
          onChange={(chosen) => narrow({ status: (chosen || undefined) as Status | undefined })}
        />
        <Typed
          aria-label="Reason"
          placeholder="Reason, as in ETIMEDOUT"
          value={reason ?? ""}
          onTyped={(text) => narrow({ reason: text.trim() || undefined })}
        />
        <Button
          variant="subtle"
          renderRoot={(props) => (
            <Link to="/deliveries" search={{ destination: name, status, reason }} {...props} />
          )}
        >
          Search further
        </Button>
      </Group>
      <ReceiptTable
        question={{ destination: name, ...(status ? { status } : {}), ...(reason ? { reason } : {}) }}
        onOpen={(receipt) => onOpen(receipt.id)}
        height="60vh"
        empty={
          <Empty
            icon={IconArrowsExchange}
            title={status || reason ? "No receipt is like that" : "No receipts yet"}
          >
            {status || reason
              ? "Ask for another status or reason."
              : "As soon as the first event comes to this destination, its receipt appears here."}
          </Empty>
        }
      />
    </>
  );
}

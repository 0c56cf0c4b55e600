/** What became of the events of one destination. */

import { Button, Group, SegmentedControl } from "@mantine/core";
import { IconArrowsExchange } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ReceiptTable, STATUS_CHOICES, type Status } from "~/components/receipts";
import { Empty } from "~/components/states";
import { Typed } from "~/components/Typed";

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
          data={STATUS_CHOICES}
          value={status ?? ""}
          onChange={(chosen) => narrow({ status: (chosen || undefined) as Status | undefined })}
        />
        <Typed
          aria-label="Reason"
          placeholder="Reason code, such as ETIMEDOUT"
          value={reason ?? ""}
          onTyped={(text) => narrow({ reason: text.trim() || undefined })}
        />
        <Button
          variant="subtle"
          renderRoot={(props) => (
            <Link to="/deliveries" search={{ destination: name, status, reason }} {...props} />
          )}
        >
          More filters
        </Button>
      </Group>
      <ReceiptTable
        question={{ destination: name, ...(status ? { status } : {}), ...(reason ? { reason } : {}) }}
        onOpen={(receipt) => onOpen(receipt.id)}
        height="60vh"
        empty={
          <Empty
            icon={IconArrowsExchange}
            title={status || reason ? "No matching receipts" : "No receipts yet"}
          >
            {status || reason
              ? "Try another status or reason."
              : "Once this destination is sent an event, its receipt appears here."}
          </Empty>
        }
      />
    </>
  );
}

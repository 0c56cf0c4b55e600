/** One receipt whole: what became of an event at a destination, why, what was said, and what one can do. */

import { Alert, Anchor, Button, Drawer, Group, Stack, Table, Text, Title } from "@mantine/core";
import { IconBulb, IconRepeat } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { $api } from "~/api/client";
import type { DeliveryReceipt } from "~/api/schema";
import { duration } from "~/format/format";
import { Copy } from "../Copy";
import { Exchange, type Spoken } from "../Exchange";
import { May } from "../May";
import { Prose } from "../Prose";
import { Loaded } from "../states";
import { Time } from "../Time";
import { OtherReceipts } from "./OtherReceipts";
import { useReasons } from "./reasons";
import { sendAgain } from "./sendAgain";
import { STATUSES, StatusBadge } from "./status";

interface Props {
  /** null: closed. */
  id: string | null;
  onClose: () => void;
  /** Another receipt, of the same message. */
  onOpen: (id: string) => void;
}

export function ReceiptDrawer({ id, onClose, onOpen }: Props) {
  const query = $api.useQuery(
    "get",
    "/api/v1/receipts/{receipt_id}",
    { params: { path: { receipt_id: id ?? "" } } },
    { enabled: id !== null },
  );
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      title="Receipt"
      size="xl"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {id !== null && (
        <Loaded query={query}>
          {({ receipt, exchange }) => (
            <Stack>
              <Facts receipt={receipt} />
              <Reason receipt={receipt} />
              <Group>
                <May role="editor">
                  <Button
                    leftSection={<IconRepeat size={16} />}
                    variant="default"
                    onClick={() => sendAgain(receipt)}
                  >
                    {receipt.status === "failed" ? "Try again" : "Send again"}
                  </Button>
                </May>
                <Button
                  variant="default"
                  renderRoot={(props) => (
                    <Link to="/events/$messageId" params={{ messageId: receipt.message_id }} {...props} />
                  )}
                >
                  Trace of the event
                </Button>
              </Group>
              <Title order={3} size="h5">
                Request and answer{receipt.attempts > 1 ? ` of attempt ${receipt.attempts}` : ""}
              </Title>
              {exchange.length > 0 ? (
                <Exchange spoken={exchange as Spoken[]} />
              ) : (
                <Text c="dimmed" size="sm">
                  {receipt.attempts === 0
                    ? "Nothing was sent."
                    : "They were not kept: of each destination ten successes an hour are, and of failures a thousand for each reason."}
                </Text>
              )}
              <OtherReceipts receipt={receipt} onOpen={onOpen} />
            </Stack>
          )}
        </Loaded>
      )}
    </Drawer>
  );
}

function Facts({ receipt }: { receipt: DeliveryReceipt }) {
  const rows: [string, ReactNode][] = [
    ["Status", <StatusBadge key="status" status={receipt.status} />],
    ["Event", `${receipt.event ?? receipt.type}${receipt.event ? ` (${receipt.type})` : ""}`],
    [
      "Destination",
      <Anchor
        key="destination"
        size="sm"
        renderRoot={(props) => (
          <Link to="/destinations/$name" params={{ name: receipt.destination }} {...props} />
        )}
      >
        {receipt.destination}
      </Anchor>,
    ],
    ["Source", receipt.source || "made here"],
    ["Person", <Person key="person" receipt={receipt} />],
    ["Mapping", receipt.mapping || "none"],
    [
      "Attempts",
      receipt.attempts
        ? `${receipt.attempts}, the last one took ${duration(receipt.latency_ms)}`
        : "none: nothing was sent",
    ],
    ["Settled", <Time key="at" at={receipt.at} exact />],
    [
      "Message id",
      <Group key="id" gap={4} wrap="nowrap">
        <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
          {receipt.message_id}
        </Text>
        <Copy value={receipt.message_id} what="message id" />
      </Group>,
    ],
  ];
  return (
    <Table variant="vertical" layout="fixed" verticalSpacing={6} highlightOnHover={false}>
      <Table.Tbody>
        {rows.map(([label, value]) => (
          <Table.Tr key={label}>
            <Table.Th w="8rem" fw={500} c="dimmed">
              {label}
            </Table.Th>
            <Table.Td>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Person({ receipt }: { receipt: DeliveryReceipt }) {
  const name = receipt.user_id ?? receipt.anonymous_id ?? "unknown";
  if (!receipt.profile_id) return name;
  return (
    <Anchor
      size="sm"
      renderRoot={(props) => (
        <Link to="/profiles/$who" params={{ who: receipt.profile_id as string }} {...props} />
      )}
    >
      {name}
    </Anchor>
  );
}

function Reason({ receipt }: { receipt: DeliveryReceipt }) {
  const explain = useReasons();
  const said = explain(receipt.reason);
  const { color, means } = STATUSES[receipt.status];
  return (
    <Alert color={color} icon={<IconBulb />} title={receipt.reason || means} variant="light">
      <Stack gap={4}>
        {receipt.reason && <Text size="sm">{means}</Text>}
        {receipt.message && <Text size="sm">It was said: {receipt.message}</Text>}
        {said && (
          <Text size="sm">
            <Prose>{said.meaning}</Prose>
          </Text>
        )}
        {said?.advice && (
          <Text size="sm">
            <b>What to do:</b> <Prose>{said.advice}</Prose>
          </Text>
        )}
      </Stack>
    </Alert>
  );
}

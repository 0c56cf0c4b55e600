/** One receipt whole: what became of an event at a destination, why, each attempt, and what one can do. */

import { Alert, Anchor, Button, Drawer, Group, Stack, Table, Text, Title } from "@mantine/core";
import { IconBulb, IconRepeat, IconRoute } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { $api } from "~/api/client";
import type { DeliveryReceipt, WholeDeliveryReceipt } from "~/api/schema";
import { Copy } from "../Copy";
import { May } from "../May";
import { Prose } from "../Prose";
import { Loaded } from "../states";
import { Time } from "../Time";
import { Attempts } from "./Attempts";
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
        <Loaded query={query}>{(whole) => <Whole key={id} whole={whole} onOpen={onOpen} />}</Loaded>
      )}
    </Drawer>
  );
}

function Whole({ whole, onOpen }: { whole: WholeDeliveryReceipt; onOpen: (id: string) => void }) {
  const { receipt } = whole;
  return (
    <Stack>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Title order={3} size="h4" style={{ overflowWrap: "anywhere" }}>
              {receipt.event ?? receipt.type}
            </Title>
            <StatusBadge status={receipt.status} />
          </Group>
          <Text size="sm" c="dimmed" component="div">
            to {receipt.destination}, <Time at={receipt.at} />
          </Text>
        </div>
        <Group gap="xs">
          <Button
            variant="default"
            leftSection={<IconRoute size={16} />}
            renderRoot={(props) => (
              <Link to="/events/$messageId" params={{ messageId: receipt.message_id }} {...props} />
            )}
          >
            View event
          </Button>
          <May role="editor">
            <Button
              leftSection={<IconRepeat size={16} />}
              variant={receipt.status === "failed" ? "filled" : "default"}
              onClick={() => sendAgain(receipt)}
            >
              {receipt.status === "failed" ? "Retry" : "Send again"}
            </Button>
          </May>
        </Group>
      </Group>
      {receipt.status !== "delivered" && <Reason receipt={receipt} />}
      {(receipt.attempts > 0 || whole.earlier.length > 0) && (
        <section aria-labelledby="attempts">
          <Title order={3} size="h5" mb="sm" id="attempts">
            {receipt.attempts > 1 ? `${receipt.attempts} attempts` : "Attempts"}
          </Title>
          <Attempts whole={whole} />
        </section>
      )}
      <section aria-labelledby="details">
        <Title order={3} size="h5" mb="xs" id="details">
          Details
        </Title>
        <Facts receipt={receipt} />
      </section>
      <OtherReceipts receipt={receipt} onOpen={onOpen} />
    </Stack>
  );
}

function Facts({ receipt }: { receipt: DeliveryReceipt }) {
  const rows: [string, ReactNode][] = [
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
    ["Mapping", receipt.mapping || "–"],
    ["Source", receipt.source || "Sync of a trait or audience"],
    ["Call", receipt.type],
    ["User", <Person key="person" receipt={receipt} />],
    ["Finished", <Time key="at" at={receipt.at} exact />],
    [
      "Message ID",
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
  const name = receipt.user_id ?? receipt.anonymous_id ?? "–";
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

/** In words; the code stands beside, for whoever searches for it. */
function Reason({ receipt }: { receipt: DeliveryReceipt }) {
  const explain = useReasons();
  const said = explain(receipt.reason);
  const { color, means } = STATUSES[receipt.status];
  return (
    <Alert color={color} icon={<IconBulb />} variant="light" title={<Prose>{said?.meaning ?? means}</Prose>}>
      <Stack gap={4}>
        {said && <Text size="sm">{means}</Text>}
        {said?.advice && (
          <Text size="sm">
            <b>What to do:</b> <Prose>{said.advice}</Prose>
          </Text>
        )}
        {receipt.reason && (
          <Text size="xs" c="dimmed" ff="monospace">
            {receipt.reason}
          </Text>
        )}
      </Stack>
    </Alert>
  );
}

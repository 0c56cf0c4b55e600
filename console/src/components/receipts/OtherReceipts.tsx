/** What else became of the same message: at other destinations, or here before it was sent again. */

import { Group, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import type { DeliveryReceipt } from "~/api/schema";
import { Time } from "../Time";
import { useReceipts } from "./ReceiptTable";
import { StatusBadge } from "./status";

interface Props {
  receipt: DeliveryReceipt;
  onOpen: (id: string) => void;
}

export function OtherReceipts({ receipt, onOpen }: Props) {
  const found = useReceipts({ message_id: receipt.message_id });
  const others = found.data?.pages[0]?.data.filter((each) => each.id !== receipt.id) ?? [];
  if (others.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        Other deliveries of this event
      </Title>
      {others.map((other) => (
        <UnstyledButton key={other.id} onClick={() => onOpen(other.id)}>
          <Group gap="sm">
            <StatusBadge status={other.status} />
            <Text size="sm">{other.destination}</Text>
            <Text size="sm" c="dimmed">
              {other.reason}
            </Text>
            <Text size="sm" c="dimmed" component="div">
              <Time at={other.at} />
            </Text>
          </Group>
        </UnstyledButton>
      ))}
    </Stack>
  );
}

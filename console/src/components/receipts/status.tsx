/** How a delivery ended, in a word, a colour and a sign. */

import { Badge } from "@mantine/core";
import { IconCheck, IconClockHour4, IconFilterOff, IconX } from "@tabler/icons-react";
import type { DeliveryReceipt } from "~/api/schema";

export type Status = DeliveryReceipt["status"];

interface Look {
  label: string;
  color: string;
  icon: typeof IconCheck;
  means: string;
}

export const STATUSES: Record<Status, Look> = {
  delivered: { label: "delivered", color: "green", icon: IconCheck, means: "The destination has taken it." },
  failed: { label: "failed", color: "red", icon: IconX, means: "Given up: it is a dead letter, and kept." },
  retrying: {
    label: "retrying",
    color: "yellow",
    icon: IconClockHour4,
    means: "The last attempt failed; another one follows by itself.",
  },
  filtered: {
    label: "filtered",
    color: "gray",
    icon: IconFilterOff,
    means: "It was not for this destination: nothing was sent.",
  },
};

export function StatusBadge({ status }: { status: Status }) {
  const { label, color, icon: Icon } = STATUSES[status];
  return (
    <Badge color={color} leftSection={<Icon size={12} aria-hidden />}>
      {label}
    </Badge>
  );
}

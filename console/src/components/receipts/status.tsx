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
  delivered: {
    label: "Delivered",
    color: "green",
    icon: IconCheck,
    means: "The destination accepted the event.",
  },
  failed: {
    label: "Failed",
    color: "red",
    icon: IconX,
    means: "Headwater stopped trying. The event is kept as a dead letter, so you can replay it.",
  },
  retrying: {
    label: "Retrying",
    color: "yellow",
    icon: IconClockHour4,
    means: "The last attempt failed. Headwater retries automatically.",
  },
  filtered: {
    label: "Filtered",
    color: "gray",
    icon: IconFilterOff,
    means: "The event was not meant for this destination, so nothing was sent.",
  },
};

/** For a segmented control: any status, or one. */
export const STATUS_CHOICES = [
  { value: "", label: "All" },
  ...Object.entries(STATUSES).map(([value, { label }]) => ({ value, label })),
];

export function StatusBadge({ status }: { status: Status }) {
  const { label, color, icon: Icon } = STATUSES[status];
  return (
    <Badge color={color} leftSection={<Icon size={12} aria-hidden />}>
      {label}
    </Badge>
  );
}

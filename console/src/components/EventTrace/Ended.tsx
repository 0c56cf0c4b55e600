/** How an event ended, in a word and a colour. */

import { Badge } from "@mantine/core";
import { IconCheck, IconClockHour4, IconCopy, IconX } from "@tabler/icons-react";

export function Ended({ outcome }: { outcome: string }) {
  if (outcome === "accepted") {
    return (
      <Badge color="green" leftSection={<IconCheck size={12} aria-hidden />}>
        accepted
      </Badge>
    );
  }
  if (outcome === "waiting") {
    return (
      <Badge color="blue" leftSection={<IconClockHour4 size={12} aria-hidden />}>
        waiting
      </Badge>
    );
  }
  if (outcome === "duplicate") {
    return (
      <Badge color="gray" leftSection={<IconCopy size={12} aria-hidden />}>
        duplicate
      </Badge>
    );
  }
  return (
    <Badge color="red" leftSection={<IconX size={12} aria-hidden />}>
      {outcome}
    </Badge>
  );
}

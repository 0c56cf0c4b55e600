/** How an event ended, in words, a colour and a sign. */

import { Badge } from "@mantine/core";
import { IconCheck, IconClockHour4, IconCopy, IconX } from "@tabler/icons-react";
import { outcomeLabel } from "./outcomes";

const LOOKS: Record<string, { color: string; icon: typeof IconCheck }> = {
  accepted: { color: "green", icon: IconCheck },
  waiting: { color: "blue", icon: IconClockHour4 },
  duplicate: { color: "gray", icon: IconCopy },
};

const REFUSED = { color: "red", icon: IconX };

export function Ended({ outcome }: { outcome: string }) {
  const { color, icon: Icon } = LOOKS[outcome] ?? REFUSED;
  return (
    <Badge color={color} leftSection={<Icon size={12} aria-hidden />}>
      {outcomeLabel(outcome)}
    </Badge>
  );
}

/** How a destination is doing, in a word with a colour and a sign. */

import { Badge, Tooltip } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconClockHour4,
  IconPlayerPause,
  IconPlugConnectedX,
} from "@tabler/icons-react";
import type { STATES } from "./routes";

export type State = (typeof STATES)[number];

interface Look {
  label: string;
  color: string;
  icon: typeof IconCircleCheck;
  means: string;
}

export const LOOKS: Record<State, Look> = {
  ok: {
    label: "Healthy",
    color: "green",
    icon: IconCircleCheck,
    means: "No failures in the last hour.",
  },
  retrying: {
    label: "Retrying",
    color: "yellow",
    icon: IconClockHour4,
    means: "Some events failed. Headwater retries them automatically.",
  },
  failing: {
    label: "Failing",
    color: "red",
    icon: IconAlertTriangle,
    means: "Some events failed for good in the last hour. They are kept as dead letters.",
  },
  down: {
    label: "Not responding",
    color: "red",
    icon: IconPlugConnectedX,
    means:
      "Ten attempts in a row got no usable response. Headwater checks again every minute; events are queued meanwhile.",
  },
  off: {
    label: "Off",
    color: "gray",
    icon: IconPlayerPause,
    means: "Disabled. Its events are queued, and sent when you enable it again.",
  },
};

export function StateBadge({ state }: { state: State }) {
  const { label, color, icon: Icon, means } = LOOKS[state];
  return (
    <Tooltip label={means} multiline maw={280}>
      <Badge color={color} leftSection={<Icon size={12} aria-hidden />} tabIndex={0}>
        {label}
      </Badge>
    </Tooltip>
  );
}

/** The API may know a state that this console does not. */
export function asState(state: string): State {
  return state in LOOKS ? (state as State) : "ok";
}

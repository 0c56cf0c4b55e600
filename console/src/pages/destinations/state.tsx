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
    label: "healthy",
    color: "green",
    icon: IconCircleCheck,
    means: "Everything it was sent in the last hour was taken.",
  },
  retrying: {
    label: "retrying",
    color: "yellow",
    icon: IconClockHour4,
    means: "Some events have failed and wait for another attempt, which comes by itself.",
  },
  failing: {
    label: "failing",
    color: "red",
    icon: IconAlertTriangle,
    means: "Events were given up in the last hour. They are kept as dead letters.",
  },
  down: {
    label: "does not answer",
    color: "red",
    icon: IconPlugConnectedX,
    means:
      "Ten attempts in a row had no usable answer. It is probed every minute; its events wait in the log.",
  },
  off: {
    label: "off",
    color: "gray",
    icon: IconPlayerPause,
    means: "It is disabled. It keeps its place in the log, and catches up when it is enabled again.",
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

/** Above the list: whether it streams, how much is shown, pause and resume. */

import { Badge, Button, Group, Loader, Text } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import type { LiveState } from "~/api/live";
import type { Rate } from "~/api/schema";
import { count } from "~/format/format";
import classes from "./Debugger.module.css";

interface Props {
  state: LiveState;
  rate: Rate | null;
  isPaused: boolean;
  /** Held without having been paused: because one reads further down, or an event is open. */
  isHeld: boolean;
  shown: number;
  onToggle: () => void;
}

export function StreamBar({ state, rate, isPaused, isHeld, shown, onToggle }: Props) {
  return (
    <div className={classes.bar}>
      <Group gap="xs">
        <Standing state={state} isPaused={isPaused} isHeld={isHeld} />
        <Text size="sm" c="dimmed" role="status">
          {rate ? sentence(rate) : `${count(shown)} in the list`}
        </Text>
      </Group>
      <Button
        size="xs"
        variant={isPaused ? "filled" : "default"}
        leftSection={isPaused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
        onClick={onToggle}
      >
        {isPaused ? "Resume" : "Pause"}
      </Button>
    </div>
  );
}

function Standing({ state, isPaused, isHeld }: { state: LiveState; isPaused: boolean; isHeld: boolean }) {
  if (state === "connecting") {
    return (
      <Badge color="gray" leftSection={<Loader size={10} color="gray" />}>
        connecting
      </Badge>
    );
  }
  if (state === "lost") return <Badge color="red">not connected</Badge>;
  if (isPaused) return <Badge color="yellow">paused</Badge>;
  if (isHeld) return <Badge color="yellow">held while you read</Badge>;
  return <Badge color="green">live</Badge>;
}

export function sentence(rate: Rate): string {
  const a = (number: number) => count(number / Math.max(rate.seconds, 0.1));
  const looked = rate.not_looked > 0 ? `, and ${a(rate.not_looked)} a second were not looked at` : "";
  return `Showing ${a(rate.shown)} of ${a(rate.matched)} a second${looked}`;
}

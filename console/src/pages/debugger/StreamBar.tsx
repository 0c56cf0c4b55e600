/** Above the list: whether it streams, how much is shown, pause and resume. */

import { Badge, Button, Group, Loader, Text } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import type { LiveState } from "~/api/live";
import type { Rate } from "~/api/schema";
import { count, counted } from "~/format/format";
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
          {rate ? sentence(rate) : `${counted(shown, "event")}`}
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
        Connecting
      </Badge>
    );
  }
  if (state === "lost") return <Badge color="red">Disconnected</Badge>;
  if (isPaused) return <Badge color="yellow">Paused</Badge>;
  if (isHeld) return <Badge color="yellow">Paused while you read</Badge>;
  return <Badge color="green">Live</Badge>;
}

export function sentence(rate: Rate): string {
  const a = (number: number) => count(number / Math.max(rate.seconds, 0.1));
  const looked = rate.not_looked > 0 ? `, ${a(rate.not_looked)} per second skipped` : "";
  return `Showing ${a(rate.shown)} of ${a(rate.matched)} per second${looked}`;
}

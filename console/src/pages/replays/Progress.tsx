/** How far a replay is. */

import { Badge, Progress as Bar, Stack, Text } from "@mantine/core";
import type { ReplayLine } from "~/api/schema";
import { count, share } from "~/format/format";
import { type ReplayState, STATES } from "./words";

export function StateBadge({ state }: { state: ReplayState }) {
  const { label, color } = STATES[state];
  return <Badge color={color}>{label}</Badge>;
}

export function Progress({ replay }: { replay: ReplayLine }) {
  const { progress, sent, skipped } = replay;
  const left = skipped ? `, ${count(skipped)} skipped` : "";
  return (
    <Stack gap={4}>
      {progress !== null && !STATES[replay.state].isOver && (
        <Bar
          value={progress * 100}
          color={STATES[replay.state].color}
          animated={replay.state === "running"}
          aria-label={`${share(progress)} done`}
        />
      )}
      <Text size="sm" c="dimmed">
        {count(sent)} sent{left}
        {progress !== null && !STATES[replay.state].isOver && ` · ${share(progress)}`}
      </Text>
    </Stack>
  );
}

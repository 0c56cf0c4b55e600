/** Whether everybody has been computed, and how far that is. */

import { Badge, Group, Progress, Text, Tooltip } from "@mantine/core";
import type { TraitLine } from "~/api/schema";
import { count, share } from "~/format/format";

const LABELS = { live: "Live", computing: "Computing", broken: "Failed" } as const;
const COLORS = { live: "green", computing: "blue", broken: "red" } as const;
const HINTS = {
  live: "Up to date, and updated with every event.",
  computing: "New or recently changed: being computed from past events.",
  broken: "The definition cannot be read, so nothing is computed.",
} as const;

/** While something is computed one wants to see it move; else a look now and then is enough. */
export const COMPUTING_EVERY_MS = 1_500;
export const LIVE_EVERY_MS = 5_000;

export function everyMs(lines: readonly Pick<TraitLine, "status">[] | undefined): number {
  return lines?.some((line) => line.status === "computing") ? COMPUTING_EVERY_MS : LIVE_EVERY_MS;
}

export function StatusBadge({ status }: Pick<TraitLine, "status">) {
  return (
    <Tooltip label={HINTS[status]}>
      <Badge color={COLORS[status]} tabIndex={0}>
        {LABELS[status]}
      </Badge>
    </Tooltip>
  );
}

/** In a cell: the badge, and beneath it the way that is done. */
export function StatusCell({ line }: { line: TraitLine }) {
  if (line.status === "computing")
    return (
      <div style={{ minWidth: 110 }}>
        <Group justify="space-between" gap={4} wrap="nowrap">
          <StatusBadge status={line.status} />
          <Text size="xs" c="dimmed">
            {share(line.progress)}
          </Text>
        </Group>
        <Bar line={line} />
      </div>
    );
  return <StatusBadge status={line.status} />;
}

/** On its own page, with numbers. */
export function Backfill({ line }: { line: TraitLine }) {
  if (line.status !== "computing") return null;
  return (
    <div role="status">
      <Group justify="space-between" mb={4}>
        <Text size="sm">Computing from past events</Text>
        <Text size="sm" c="dimmed" className="hw-figures">
          {line.profiles_total > 0
            ? `${count(line.profiles_done)} of ${count(line.profiles_total)} profiles, ${share(line.progress)}`
            : "starting"}
        </Text>
      </Group>
      <Bar line={line} />
    </div>
  );
}

function Bar({ line }: { line: TraitLine }) {
  return (
    <Progress
      value={line.progress * 100}
      animated
      size="sm"
      mt={4}
      aria-label={`${line.key}: computed for ${share(line.progress)}`}
    />
  );
}

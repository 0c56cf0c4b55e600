/** Where a privacy request stands, system by system. */

import { Badge, Group, Progress, Stack, Text } from "@mantine/core";
import {
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClockHour4,
  IconLoader2,
} from "@tabler/icons-react";
import type { ReceiptLine, RegulationLine } from "~/api/schema";
import { counted } from "~/format/format";
import { Time } from "../Time";
import { wordsOf } from "./words";

const STATUS = {
  requested: { icon: IconCircleDashed, color: "gray", words: "waiting" },
  running: { icon: IconLoader2, color: "blue", words: "in progress" },
  done: { icon: IconClockHour4, color: "blue", words: "done, verifying" },
  verified: { icon: IconCircleCheck, color: "green", words: "verified" },
  failed: { icon: IconCircleX, color: "red", words: "failed" },
  not_supported: { icon: IconCircleX, color: "orange", words: "not supported" },
} as const;

const OVERALL: Record<string, { color: string; words: string }> = {
  INITIALIZED: { color: "gray", words: "Requested" },
  RUNNING: { color: "blue", words: "In progress" },
  PARTIAL_SUCCESS: { color: "orange", words: "Partial" },
  FAILED: { color: "red", words: "Failed" },
  FINISHED: { color: "green", words: "Completed" },
};

const SYSTEMS: Record<string, string> = {
  processing: "New events",
  sending: "Outgoing events",
  state: "Profiles and working data",
  lake: "Event lake",
  delivery: "Waiting deliveries and receipts",
  logs: "Logs",
};

export function RegulationBadge({ regulation }: { regulation: RegulationLine }) {
  const { color, words } = OVERALL[regulation.overallStatus] ?? {
    color: "gray",
    words: regulation.overallStatus,
  };
  return (
    <Badge color={color} title={regulation.overallStatus}>
      {words}
    </Badge>
  );
}

export function titleOf(regulation: RegulationLine): string {
  return `${wordsOf(regulation.regulationType).verb}: ${counted(regulation.subjects, "user")}`;
}

export function Standing({ regulation }: { regulation: RegulationLine }) {
  const isOver = regulation.finishedAt != null;
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {regulation.summary}
      </Text>
      {!isOver && <Progress value={100 * regulation.progress} aria-label="Progress" animated size="sm" />}
      <Stack gap={6} component="ul" m={0} p={0} style={{ listStyle: "none" }}>
        {regulation.systems.map((receipt) => (
          <System key={receipt.system} receipt={receipt} />
        ))}
      </Stack>
      <Text size="xs" c="dimmed">
        Requested <Time at={regulation.createdAt} /> by {regulation.author} · {regulation.id}
      </Text>
    </Stack>
  );
}

function System({ receipt }: { receipt: ReceiptLine }) {
  const known = STATUS[receipt.status as keyof typeof STATUS] ?? STATUS.requested;
  const Icon = known.icon;
  return (
    <Group component="li" gap="xs" wrap="nowrap" align="flex-start">
      <Icon size={18} color={`var(--mantine-color-${known.color}-5)`} aria-hidden style={{ flex: "none" }} />
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={600}>
          {systemName(receipt.system)}{" "}
          <Text span size="xs" c="dimmed" fw={400}>
            {known.words}, <Time at={receipt.at} />
          </Text>
        </Text>
        <Text size="sm" c="dimmed">
          {receipt.detail}
        </Text>
      </div>
    </Group>
  );
}

export function systemName(system: string): string {
  return SYSTEMS[system] ?? system.replace(/^destination:/, "Destination ");
}

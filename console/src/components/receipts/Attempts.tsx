/** A delivery as a line of its attempts, the last one first: when, how it ended, how long it took, what was said. */

import { Badge, Button, Collapse, Group, Stack, Text, ThemeIcon, Timeline } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import type { WholeDeliveryReceipt } from "~/api/schema";
import { count, counted, duration } from "~/format/format";
import { Exchange, type Spoken } from "../Exchange";
import { Time } from "../Time";
import { begun } from "./reasons";
import { STATUSES, type Status } from "./status";

interface Attempt {
  number: number;
  status: Status;
  at: string;
  reason: string;
  message: string;
  latency_ms: number;
  exchange: readonly Spoken[];
}

/** Shown at once; an event may have been tried a hundred times. */
const SHOWN = 3;

export function Attempts({ whole }: { whole: WholeDeliveryReceipt }) {
  const { receipt } = whole;
  const [isWhole, setWhole] = useState(false);
  const attempts = attemptsOf(whole).reverse();
  const shown = isWhole ? attempts : attempts.slice(0, SHOWN);
  const hidden = attempts.length - shown.length;
  const unknown = receipt.attempts - attempts.length;
  return (
    <Stack gap="xs">
      <Timeline bulletSize={22} lineWidth={2}>
        {receipt.status === "retrying" && (
          <Timeline.Item lineVariant="dashed" title={<Text size="sm">Next attempt</Text>}>
            <Text size="sm" c="dimmed">
              Headwater retries automatically.
            </Text>
          </Timeline.Item>
        )}
        {shown.map((attempt) => (
          <Line key={attempt.number} attempt={attempt} isLast={attempt.number === receipt.attempts} />
        ))}
      </Timeline>
      {hidden > 0 && (
        <Group>
          <Button variant="default" size="compact-sm" onClick={() => setWhole(true)}>
            Show {counted(hidden, "earlier attempt")}
          </Button>
        </Group>
      )}
      {unknown > 0 && hidden === 0 && (
        <Text size="sm" c="dimmed">
          {unknown === 1 ? "The first attempt is" : `The first ${count(unknown)} attempts are`} not on record.
        </Text>
      )}
    </Stack>
  );
}

/** The failed ones, then the one that the receipt is about. */
function attemptsOf({ receipt, exchange, earlier }: WholeDeliveryReceipt): Attempt[] {
  const before = earlier.map((each) => ({
    ...each,
    status: "retrying" as const,
    exchange: each.exchange as Spoken[],
  }));
  if (receipt.attempts === 0) return before;
  return [...before, { ...receipt, number: receipt.attempts, exchange: exchange as Spoken[] }];
}

function Line({ attempt, isLast }: { attempt: Attempt; isLast: boolean }) {
  const { number, status, at, message, latency_ms, exchange } = attempt;
  const { color, icon: Icon } = STATUSES[isLast && status === "retrying" ? "failed" : status];
  return (
    <Timeline.Item
      bullet={
        <ThemeIcon size={22} radius="xl" variant="light" color={color} aria-hidden>
          <Icon size={13} />
        </ThemeIcon>
      }
      title={
        <Group gap="xs">
          <Text size="sm" fw={600}>
            Attempt {number}
          </Text>
          <Badge color={color}>{labelOf(attempt)}</Badge>
          {message && (
            <Text size="sm" fw={400} style={{ overflowWrap: "anywhere" }}>
              {begun(message)}
            </Text>
          )}
        </Group>
      }
    >
      <Text size="sm" c="dimmed" component="div">
        <Time at={at} exact /> · took {duration(latency_ms)}
      </Text>
      {exchange.length > 0 ? (
        <Said exchange={exchange} number={number} isOpen={isLast} />
      ) : (
        isLast && (
          <Text size="sm" c="dimmed">
            Request and response were not stored. Headwater stores 10 successes an hour per destination, and
            up to 1,000 failures an hour for each reason.
          </Text>
        )
      )}
    </Timeline.Item>
  );
}

function labelOf({ status, reason }: Attempt): string {
  if (status === "delivered") return "Delivered";
  return reason || STATUSES[status].label;
}

function Said({
  exchange,
  number,
  isOpen,
}: {
  exchange: readonly Spoken[];
  number: number;
  isOpen: boolean;
}) {
  const [opened, { toggle }] = useDisclosure(isOpen);
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        ml={-8}
        mt={4}
        leftSection={opened ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
        aria-expanded={opened}
        aria-label={`Request and response of attempt ${number}`}
        onClick={toggle}
      >
        Request and response
      </Button>
      <Collapse expanded={opened} mt="xs">
        <Exchange spoken={exchange} />
      </Collapse>
    </>
  );
}

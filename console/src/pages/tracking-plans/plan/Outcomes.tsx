/** What a dry run says about each event: how many, what is wrong with them, samples. */

import {
  Accordion,
  Badge,
  Button,
  Group,
  Paper,
  SegmentedControl,
  Stack,
  Table,
  Text,
  Title,
} from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import type { EventOutcomes, PlanDryRun, TriedEvent } from "~/api/schema";
import { Json } from "~/components/Json";
import { MarkedJson } from "~/components/MarkedJson";
import { Time } from "~/components/Time";
import { WhatBecame } from "~/components/WhatBecame";
import { count, counted } from "~/format/format";
import { ruleKey, versionsOf } from "../model/draft";
import { usePlan } from "./context";

const route = getRouteApi("/shell/tracking-plans/$name");

export function Outcomes({ found }: { found: PlanDryRun }) {
  const { event: opened } = route.useSearch();
  const navigate = route.useNavigate();
  const differing = found.events.filter((each) => each.blocked + each.omitted + each.reported > 0);
  const fine = found.events.length - differing.length;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        By event
      </Title>
      {differing.length === 0 ? (
        <Text c="dimmed">All {counted(found.names, "event name")} match the plan.</Text>
      ) : (
        <Accordion
          variant="contained"
          bg="var(--hw-raised)"
          value={opened ?? null}
          onChange={(next) =>
            navigate({ search: (now) => ({ ...now, event: next ?? undefined }), replace: true })
          }
        >
          {differing.map((each) => (
            <Accordion.Item key={keyOf(each)} value={keyOf(each)}>
              <Accordion.Control>
                <Group justify="space-between" gap="xs" pr="sm">
                  <Text fw={600} style={{ overflowWrap: "anywhere" }}>
                    {each.event || `${each.call} calls`}{" "}
                    <Text span size="sm" c="dimmed" fw={400}>
                      {counted(each.looked_at, "event")}
                    </Text>
                  </Text>
                  <Group gap={6}>
                    {each.blocked > 0 && <Badge color="red">{count(each.blocked)} blocked</Badge>}
                    {each.omitted > 0 && <Badge color="orange">{count(each.omitted)} partly removed</Badge>}
                    {each.reported > 0 && <Badge color="gray">{count(each.reported)} reported</Badge>}
                  </Group>
                </Group>
              </Accordion.Control>
              <Accordion.Panel>
                <Event outcome={each} />
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
      {differing.length > 0 && fine > 0 && (
        <Text size="sm" c="dimmed">
          {counted(fine, "other event name")} would pass unchanged.
        </Text>
      )}
      {found.names > found.events.length && (
        <Text size="sm" c="dimmed">
          {count(found.names - found.events.length)} more names are not listed.
        </Text>
      )}
    </Stack>
  );
}

/** Also part of an element's id, which has no spaces. */
function keyOf({ call, event }: EventOutcomes): string {
  return encodeURIComponent(`${call}.${event}`);
}

function Event({ outcome }: { outcome: EventOutcomes }) {
  return (
    <Stack>
      <Table.ScrollContainer minWidth={420}>
        <Table verticalSpacing={6} aria-label="Violations">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Violation</Table.Th>
              <Table.Th>Field</Table.Th>
              <Table.Th ta="right">Events</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {outcome.breaches.map((breach) => (
              <Table.Tr key={`${breach.type} ${breach.field}`}>
                <Table.Td>
                  {breach.type}
                  <Text size="xs" c="dimmed">
                    {breach.description}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <code>{breach.field}</code>
                </Table.Td>
                <Table.Td ta="right">{count(breach.events)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Remedy outcome={outcome} />
      {outcome.samples.map((sample) => (
        <Sample key={sample.message_id} sample={sample} />
      ))}
    </Stack>
  );
}

/** The way to the rule; without one, to making it. */
function Remedy({ outcome }: { outcome: EventOutcomes }) {
  const { draft } = usePlan();
  const rule = draft.rules.find((each) => each.type === outcome.call && each.event === outcome.event);
  const newest = rule && versionsOf(draft.rules, rule).at(-1);
  const search = newest
    ? ({ tab: "rules", rule: ruleKey(newest) } as const)
    : ({ tab: "infer", q: outcome.event || outcome.call } as const);
  return (
    <Group>
      <Button
        size="xs"
        variant="default"
        renderRoot={(props) => (
          <Link from="/tracking-plans/$name" to="/tracking-plans/$name" search={search} {...props} />
        )}
      >
        {newest ? "Open rule" : "Create rule from events"}
      </Button>
    </Group>
  );
}

function Sample({ sample }: { sample: TriedEvent }) {
  const [side, setSide] = useState<"before" | "after">("before");
  const fields = sample.broken.map((each) => each.field);
  return (
    <Paper p="sm">
      <Group justify="space-between" gap="xs" mb="xs">
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          <Badge color={COLORS[sample.outcome] ?? "gray"} mr={6}>
            {WORDS[sample.outcome] ?? sample.outcome}
          </Badge>
          <Time at={sample.received_at} /> · {sample.source} ·{" "}
          {sample.user_id ?? sample.anonymous_id ?? "nobody"}
          {sample.outcome_now !== sample.outcome && ` · ${NOW[sample.outcome_now] ?? ""}`}
        </Text>
        <Group gap={6}>
          {sample.after !== null && sample.outcome === "omitted" && (
            <SegmentedControl
              aria-label="View"
              size="xs"
              data={[
                { value: "before", label: "As sent" },
                { value: "after", label: "After the plan" },
              ]}
              value={side}
              onChange={(next) => setSide(next as "before" | "after")}
            />
          )}
          <WhatBecame messageId={sample.message_id} />
        </Group>
      </Group>
      {sample.omitted.length > 0 && (
        <Text size="sm" mb={4}>
          Left out: <code>{sample.omitted.join(", ")}</code>
        </Text>
      )}
      {sample.before === null ? (
        <Text size="sm" c="dimmed">
          The event is not shown: there were too many, or too long ones. {sample.detail}
        </Text>
      ) : side === "after" ? (
        <Json value={sample.after} label={`Event ${sample.message_id} as it would pass`} />
      ) : (
        <MarkedJson value={sample.before} fields={fields} label={`Event ${sample.message_id}`} />
      )}
    </Paper>
  );
}

const COLORS: Record<string, string> = { blocked: "red", omitted: "orange", allowed: "gray" };

const WORDS: Record<string, string> = {
  blocked: "would be blocked",
  omitted: "would lose something",
  allowed: "would pass, reported",
};

const NOW: Record<string, string> = {
  blocked: "is blocked today",
  omitted: "loses something today",
  allowed: "passes today",
};

/** The draft done to the newest real events: how many it touches, and each of them before and after. */

import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  Group,
  Paper,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
} from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconFlask, IconRefresh } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { DryRun, TestedEvent } from "~/api/schema";
import { Changes } from "~/components/Changes";
import { MarkedJson } from "~/components/MarkedJson";
import { Empty, Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { count, counted } from "~/format/format";
import type { OneSearch } from "../routes";
import type { Tried } from "./useDryRun";

const LAST = ["100", "500", "1000"];

export function Preview({ tried: { run, isWorth, problems }, last }: { tried: Tried; last: number }) {
  const navigate = useNavigate();
  return (
    <Stack gap="md">
      <Group justify="space-between">
        {run.data && isWorth && problems.length === 0 ? <Summary found={run.data} /> : <span />}
        <Group gap="xs">
          <Select
            aria-label="Number of events to preview"
            size="xs"
            data={LAST.map((each) => ({ value: each, label: `Newest ${count(Number(each))}` }))}
            value={String(last)}
            onChange={(next) =>
              navigate({
                to: ".",
                search: ((now: object) => ({ ...now, last: Number(next) })) as never,
                replace: true,
              })
            }
            allowDeselect={false}
            w={130}
          />
          <ActionIcon
            variant="default"
            size={30}
            onClick={() => void run.refetch()}
            loading={run.isFetching}
            disabled={!isWorth}
            aria-label="Refresh"
          >
            <IconRefresh size={16} />
          </ActionIcon>
        </Group>
      </Group>
      {!isWorth ? (
        <Empty icon={IconFlask} title="Preview on real events">
          Add a change, and you’ll see it here on your newest events before you save anything.
        </Empty>
      ) : run.error && problems.length > 0 ? (
        <Alert color="yellow">Fix the errors to see a preview.</Alert>
      ) : run.error ? (
        <Failed error={run.error} retry={() => void run.refetch()} />
      ) : run.data ? (
        <Found found={run.data} />
      ) : (
        <Loading lines={8} />
      )}
    </Stack>
  );
}

function Found({ found }: { found: DryRun }) {
  const { at } = useSearch({ strict: false }) as OneSearch;
  const navigate = useNavigate();
  const index = Math.max(
    0,
    found.events.findIndex((event) => event.message_id === at),
  );
  const event = found.events[index];
  const go = (step: number) =>
    navigate({
      to: ".",
      search: ((now: object) => ({ ...now, at: found.events[index + step]?.message_id })) as never,
      replace: true,
    });

  return (
    <>
      {event === undefined ? (
        <Empty icon={IconFlask} title="No matching events">
          None of these events match, or they don’t have the values it changes. Try more events or a broader
          condition.
        </Empty>
      ) : (
        <Paper p="md">
          <Group justify="space-between" wrap="nowrap" mb="sm">
            <div style={{ minWidth: 0 }}>
              <Text fw={600} truncate>
                {event.event ?? event.type}
              </Text>
              <Text size="sm" c="dimmed">
                {event.source} · <Time at={event.received_at} />
              </Text>
            </div>
            <Group gap={4} wrap="nowrap">
              <ActionIcon
                variant="default"
                onClick={() => go(-1)}
                disabled={index === 0}
                aria-label="Newer event"
              >
                <IconChevronLeft size={16} />
              </ActionIcon>
              <Text size="sm" className="hw-figures">
                {count(index + 1)} of {count(found.events.length)}
              </Text>
              <ActionIcon
                variant="default"
                onClick={() => go(1)}
                disabled={index >= found.events.length - 1}
                aria-label="Older event"
              >
                <IconChevronRight size={16} />
              </ActionIcon>
            </Group>
          </Group>
          <Before key={event.message_id} event={event} />
        </Paper>
      )}
    </>
  );
}

function Summary({ found }: { found: DryRun }) {
  const { tested, matched, changed, dropped, errors, as_received } = found;
  return (
    <div role="status">
      <Group gap="xs">
        <Text>
          Affects <b>{count(matched)}</b> of the newest {counted(tested, "event")}
        </Text>
        {changed > 0 && <Badge color="blue">{count(changed)} changed</Badge>}
        {dropped > 0 && <Badge color="orange">{count(dropped)} dropped</Badge>}
        {errors > 0 && <Badge color="red">{count(errors)} failed</Badge>}
      </Group>
      {as_received < tested && (
        <Text size="sm" c="dimmed">
          {counted(tested - as_received, "event")} are shown as earlier transformations left them.
        </Text>
      )}
    </div>
  );
}

const OUTCOMES: Record<string, string> = {
  dropped: "Would be dropped.",
  skipped: "Can’t be applied, so the event passes unchanged",
  held_back: "Can’t be applied, so the event would be held back as a dead letter",
};

function Before({ event }: { event: TestedEvent }) {
  const [side, setSide] = useState<"changes" | "whole">("whole");
  const step = event.steps[0];
  if (!step) return null;
  const { outcome, problem, changes, before, after } = step;
  const isWhole = before !== undefined;
  return (
    <Stack gap="sm">
      {OUTCOMES[outcome] && (
        <Alert color={outcome === "dropped" ? "orange" : "red"}>
          {OUTCOMES[outcome]}
          {problem && `: ${problem}`}
        </Alert>
      )}
      {outcome === "changed" && (
        <SegmentedControl
          aria-label="View"
          size="xs"
          data={[
            { value: "whole", label: "Before and after" },
            { value: "changes", label: counted(changes.length, "change") },
          ]}
          value={isWhole ? side : "changes"}
          onChange={(next) => setSide(next as "changes" | "whole")}
          disabled={!isWhole}
        />
      )}
      {outcome === "changed" && (side === "changes" || !isWhole) && <Changes changes={changes} />}
      {isWhole && (side === "whole" || outcome !== "changed") && (
        <SimpleGrid cols={{ base: 1, sm: after === undefined ? 1 : 2 }} spacing="xs">
          <div>
            <Text size="sm" fw={500} mb={2}>
              Before
            </Text>
            <MarkedJson
              value={before}
              fields={changes.filter((change) => change.before !== undefined).map(({ path }) => path)}
              label="The event before"
              meaning={outcome === "changed" ? "changes" : "dropped"}
            />
          </div>
          {after !== undefined && (
            <div>
              <Text size="sm" fw={500} mb={2}>
                After
              </Text>
              <MarkedJson
                value={after}
                fields={changes.filter((change) => change.after !== undefined).map(({ path }) => path)}
                label="The event after"
                meaning="new"
                tone="good"
              />
            </div>
          )}
        </SimpleGrid>
      )}
      <Group>
        <Button
          size="compact-xs"
          variant="subtle"
          renderRoot={(props) => (
            <Link to="/events/$messageId" params={{ messageId: event.message_id }} {...props} />
          )}
        >
          View trace
        </Button>
      </Group>
    </Stack>
  );
}

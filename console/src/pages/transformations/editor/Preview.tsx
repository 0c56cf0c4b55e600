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
  Title,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconChevronLeft, IconChevronRight, IconFlask, IconRefresh } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useState } from "react";
import { $api, ApiError, type Problem } from "~/api/client";
import type { DryRun, TestedEvent } from "~/api/schema";
import { Changes } from "~/components/Changes";
import { MarkedJson } from "~/components/MarkedJson";
import { Empty, Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { count, counted } from "~/format/format";
import { type Draft, definitionOf, doesSomething } from "../model/draft";
import type { OneSearch } from "../routes";
import classes from "./Preview.module.css";

const TRY_AFTER_MS = 500;

/** Events that come with what they were and would be. */
const WHOLE = 20;

const LAST = ["100", "500", "1000"];

interface Props {
  draft: Draft;
  /** Of the one that it would take the place of; of a new one its own. */
  name: string;
  onProblems: (problems: Problem[]) => void;
}

export function Preview({ draft, name, onProblems }: Props) {
  const { last = 100 } = useSearch({ strict: false }) as OneSearch;
  const navigate = useNavigate();
  const [settled] = useDebouncedValue(draft, TRY_AFTER_MS);
  const isWorth = doesSomething(settled);
  const called = name || settled.name || "new one";
  const { name: _, ...said } = definitionOf(settled);
  const run = $api.useQuery(
    "post",
    "/api/v1/transformations/-/test",
    {
      body: {
        transformation: called,
        draft: { ...said, name: called },
        source: settled.sources.length === 1 ? settled.sources[0] : null,
        last,
        whole: WHOLE,
      },
    },
    {
      enabled: isWorth,
      retry: false,
      staleTime: Number.POSITIVE_INFINITY,
      placeholderData: keepPreviousData,
    },
  );
  const problems = run.error instanceof ApiError ? run.error.problems : NONE;
  const tell = useEffectEvent(onProblems);
  useEffect(() => tell(problems), [problems]);

  return (
    <Stack gap="md" className={classes.beside}>
      <Group justify="space-between" align="flex-end">
        <Title order={2} size="h4">
          On real events
        </Title>
        <Group gap="xs">
          <Select
            aria-label="How many of the newest events are tried"
            size="xs"
            data={LAST.map((each) => ({ value: each, label: `newest ${count(Number(each))}` }))}
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
            aria-label="Try it on the newest events again"
          >
            <IconRefresh size={16} />
          </ActionIcon>
        </Group>
      </Group>
      {!isWorth ? (
        <Empty icon={IconFlask} title="What will it do?">
          As soon as it says so, it is tried here on the newest events. Nothing is changed by that.
        </Empty>
      ) : run.error && problems.length > 0 ? (
        <Alert color="yellow">It cannot be tried while it has mistakes.</Alert>
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

const NONE: Problem[] = [];

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
      <Summary found={found} />
      {event === undefined ? (
        <Empty icon={IconFlask} title="It touches none of them">
          Either no such event came lately, or what it changes is not there. Look further back, or ask for
          less in its condition.
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
          <Tried key={event.message_id} event={event} />
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
          Touches <b>{count(matched)}</b> of the newest {counted(tested, "event")}
        </Text>
        {changed > 0 && <Badge color="blue">{count(changed)} changed</Badge>}
        {dropped > 0 && <Badge color="orange">{count(dropped)} dropped</Badge>}
        {errors > 0 && <Badge color="red">{count(errors)} it cannot be applied to</Badge>}
      </Group>
      {as_received < tested && (
        <Text size="sm" c="dimmed">
          {counted(tested - as_received, "event")} could only be taken as transformations of their time had
          left them.
        </Text>
      )}
    </div>
  );
}

const OUTCOMES: Record<string, string> = {
  dropped: "It would be dropped.",
  skipped: "It cannot be applied, and the event goes on without it",
  held_back: "It cannot be applied, and the event would be held back as a dead letter",
};

function Tried({ event }: { event: TestedEvent }) {
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
          aria-label="How it is shown"
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
              meaning={outcome === "changed" ? "changes" : "is dropped"}
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
                meaning="is new"
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
          What became of this event
        </Button>
      </Group>
    </Stack>
  );
}

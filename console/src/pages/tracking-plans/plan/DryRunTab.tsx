/** What the plan would do to what was really sent lately, before it does it. */

import {
  Alert,
  Button,
  Group,
  MultiSelect,
  Paper,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
} from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconRefresh, IconTestPipe } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { $api } from "~/api/client";
import type { PlanDryRun } from "~/api/schema";
import { useMay } from "~/api/session";
import { Figure } from "~/components/Figure";
import { Empty, Loaded, Loading } from "~/components/states";
import { count, counted, moment, share } from "~/format/format";
import { CLEANED, ENFORCED, withDecisions } from "../model/controls";
import { isSame, type PlanDraft, planOf } from "../model/draft";
import type { PlanSearch } from "../routes";
import { useSourceNames } from "../sources";
import { usePlan } from "./context";
import { Outcomes } from "./Outcomes";

const route = getRouteApi("/shell/tracking-plans/$name");

type Enforce = NonNullable<PlanSearch["enforce"]>;

const HOURS = [
  { value: "1", label: "the last hour" },
  { value: "24", label: "the last 24 hours" },
  { value: "72", label: "the last 3 days" },
  { value: "168", label: "the last 7 days" },
];

const LAST = [
  { value: "500", label: "500 events" },
  { value: "2000", label: "2,000 events" },
  { value: "10000", label: "10,000 events" },
];

export function DryRunTab() {
  const isNarrow = useMediaQuery("(max-width: 40em)") ?? false;
  const { detail, draft } = usePlan();
  const { enforce = "block", hours = 24, last = 2_000, picked } = route.useSearch();
  const navigate = route.useNavigate();
  const names = useSourceNames();
  const sources = picked ?? detail.sources;
  const ask = (change: Partial<PlanSearch>) =>
    navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const run = $api.useQuery(
    "post",
    "/api/v1/tracking-plans/{name}/test",
    {
      params: { path: { name: detail.name } },
      body: { plan: { ...planOf(decided(draft, enforce)) }, sources, hours, last },
    },
    {
      enabled: sources.length > 0,
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
      placeholderData: keepPreviousData,
    },
  );

  return (
    <Stack gap="md">
      <Paper p="md">
        <Group gap="md" align="flex-end">
          <div>
            <Text size="sm" fw={500} mb={4} id="enforce">
              What if the plan
            </Text>
            <SegmentedControl
              aria-labelledby="enforce"
              data={[
                { value: "block", label: "blocked what breaks it" },
                { value: "clean", label: "left that out" },
                { value: "draft", label: "did what its controls say" },
              ]}
              value={enforce}
              onChange={(next) => ask({ enforce: next as Enforce })}
              orientation={isNarrow ? "vertical" : "horizontal"}
            />
          </div>
          <Select
            label="Looking back over"
            data={HOURS}
            value={String(hours)}
            onChange={(next) => ask({ hours: Number(next) })}
            allowDeselect={false}
            w={190}
          />
          <Select
            label="At most"
            data={LAST}
            value={String(last)}
            onChange={(next) => ask({ last: Number(next) })}
            allowDeselect={false}
            w={150}
          />
          <MultiSelect
            label="Of the sources"
            data={names}
            value={sources}
            onChange={(next) => ask({ picked: next })}
            flex="1 1 14rem"
            searchable
          />
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} />}
            onClick={() => void run.refetch()}
            loading={run.isFetching}
            disabled={sources.length === 0}
          >
            Run again
          </Button>
        </Group>
        <Text size="sm" c="dimmed" mt="sm">
          Events are taken as they came, the newest first, and decided about as they would be with your draft.
          Nothing is written, and nobody is told.
        </Text>
      </Paper>
      {sources.length === 0 ? (
        <Empty icon={IconTestPipe} title="Choose a source">
          No source is held to this plan yet. Choose one above to see what the plan would make of its events.
        </Empty>
      ) : (
        <Loaded query={run} loading={<Loading lines={8} />}>
          {(found) => <Found found={found} enforce={enforce} hours={hours} />}
        </Loaded>
      )}
    </Stack>
  );
}

/** The draft with the controls that are tried. */
function decided(draft: PlanDraft, enforce: Enforce): PlanDraft {
  if (enforce === "draft") return draft;
  return { ...draft, controls: withDecisions(draft.controls, enforce === "block" ? ENFORCED : CLEANED) };
}

function Found({ found, enforce, hours }: { found: PlanDryRun; enforce: Enforce; hours: number }) {
  if (found.looked_at === 0)
    return (
      <Empty icon={IconTestPipe} title="Nothing was sent in this time">
        {found.sources.join(", ")} sent no event in the last {counted(hours, "hour")}, or the collected log
        does not go back that far. Look back further.
      </Empty>
    );
  const { looked_at, blocked, omitted, reported, newly_blocked, newly_passing } = found;
  const whole = looked_at - blocked - omitted - reported;
  return (
    <Stack gap="md">
      <Verdict found={found} enforce={enforce} />
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <Figure
          label="Looked at"
          value={count(looked_at)}
          note={found.looked_back_to && `back to ${moment(found.looked_back_to)}`}
          hint={
            found.is_whole
              ? "All events of this time that the collected log has"
              : "The newest events of this time; there are more. Ask for more of them, or for less time."
          }
        />
        <Figure
          label="Would be blocked"
          value={count(blocked)}
          note={
            newly_blocked === blocked
              ? share(blocked / looked_at)
              : `${count(newly_blocked)} of them pass today`
          }
          tone={newly_blocked > 0 ? "bad" : undefined}
        />
        <Figure label="Would lose something" value={count(omitted)} note={share(omitted / looked_at)} />
        <Figure
          label="As planned"
          value={count(whole)}
          note={reported ? `${count(reported)} more pass, reported` : share(whole / looked_at)}
          tone={whole === looked_at ? "good" : undefined}
        />
      </SimpleGrid>
      {newly_passing > 0 && (
        <Alert color="blue">
          {counted(newly_passing, "event")} that {newly_passing === 1 ? "is" : "are"} blocked today would
          pass.
        </Alert>
      )}
      {found.sources_with_controls.length > 0 && (
        <Alert color="blue">
          {found.sources_with_controls.join(", ")}{" "}
          {found.sources_with_controls.length === 1
            ? "has controls of its own, which count"
            : "have controls of their own, which count"}{" "}
          before the plan’s.
        </Alert>
      )}
      <Outcomes found={found} />
    </Stack>
  );
}

/** The answer in one sentence, and what to do with it. */
function Verdict({ found, enforce }: { found: PlanDryRun; enforce: Enforce }) {
  const { draft, update } = usePlan();
  const navigate = route.useNavigate();
  const mayEdit = useMay("editor");
  const { newly_blocked, omitted, looked_at } = found;
  const isHarmless = newly_blocked === 0 && omitted === 0;
  const scope = found.is_whole ? "All" : `The newest ${count(looked_at)}`;
  const tried = decided(draft, enforce);
  const isNew = !isSame(tried, draft);

  function take() {
    update((before) => ({ ...before, controls: tried.controls }));
    notifications.show({ message: "These controls are in your draft. Review and save to switch them on." });
    void navigate({ search: { tab: "controls" } });
  }

  return (
    <Alert
      color={isHarmless ? "green" : "orange"}
      title={
        isHarmless
          ? `${scope} events of this time would pass as they do today`
          : newly_blocked > 0
            ? `${counted(newly_blocked, "event")} that ${newly_blocked === 1 ? "passes" : "pass"} today would be blocked`
            : `${counted(omitted, "event")} would pass without some of what they carry`
      }
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm" flex="1 1 16rem">
          {isHarmless
            ? "Nothing that came lately speaks against it."
            : "Look below at what is wrong with them: widen the rules where the events are right, and have the senders mend the rest."}
        </Text>
        {isNew && mayEdit && (
          <Button size="xs" variant={isHarmless ? "filled" : "default"} onClick={take}>
            {enforce === "block" ? "Enforce it" : "Use these controls"}
          </Button>
        )}
      </Group>
    </Alert>
  );
}

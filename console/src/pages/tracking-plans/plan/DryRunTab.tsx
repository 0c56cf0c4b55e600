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
import { CLEANED, decideAlike, ENFORCED, withDecisions } from "../model/controls";
import { draftOf, isSame, type PlanDraft, planOf } from "../model/draft";
import { verdict } from "../model/verdict";
import type { PlanSearch } from "../routes";
import { useSourceNames } from "../sources";
import { usePlan } from "./context";
import { Outcomes } from "./Outcomes";

const route = getRouteApi("/shell/tracking-plans/$name");

type Enforce = NonNullable<PlanSearch["enforce"]>;

const HOURS = [
  { value: "1", label: "Last hour" },
  { value: "24", label: "Last 24 hours" },
  { value: "72", label: "Last 3 days" },
  { value: "168", label: "Last 7 days" },
];

const LAST = [
  { value: "500", label: "Up to 500" },
  { value: "2000", label: "Up to 2,000" },
  { value: "10000", label: "Up to 10,000" },
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
              What if the plan …
            </Text>
            <SegmentedControl
              aria-labelledby="enforce"
              data={[
                { value: "block", label: "blocked violations" },
                { value: "clean", label: "removed violations" },
                { value: "draft", label: "used its own controls" },
              ]}
              value={enforce}
              onChange={(next) => ask({ enforce: next as Enforce })}
              orientation={isNarrow ? "vertical" : "horizontal"}
            />
          </div>
          <Select
            label="Time range"
            data={HOURS}
            value={String(hours)}
            onChange={(next) => ask({ hours: Number(next) })}
            allowDeselect={false}
            w={190}
          />
          <Select
            label="Events"
            data={LAST}
            value={String(last)}
            onChange={(next) => ask({ last: Number(next) })}
            allowDeselect={false}
            w={150}
          />
          <MultiSelect
            label="Sources"
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
          Runs your draft against real events, newest first. Nothing is stored or sent.
        </Text>
      </Paper>
      {sources.length === 0 ? (
        <Empty icon={IconTestPipe} title="Choose a source">
          No source uses this plan yet. Choose one above to see what the plan would do to its events.
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
      <Empty icon={IconTestPipe} title="No events in this time range">
        {found.sources.join(", ")} sent no events in the last {counted(hours, "hour")}, or the log doesn’t go
        back that far. Choose a longer time range.
      </Empty>
    );
  const { looked_at, blocked, omitted, reported, newly_blocked, newly_passing } = found;
  const whole = looked_at - blocked - omitted - reported;
  return (
    <Stack gap="md">
      <Verdict found={found} enforce={enforce} />
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <Figure
          label="Events checked"
          value={count(looked_at)}
          note={found.looked_back_to && `since ${moment(found.looked_back_to)}`}
          hint={
            found.is_whole
              ? "Every event of this time range that is still in the log"
              : "The newest events of this time range; there are more"
          }
        />
        <Figure
          label="Blocked"
          value={count(blocked)}
          note={blockedNote(found)}
          tone={newly_blocked > 0 ? "bad" : undefined}
        />
        <Figure label="Partly removed" value={count(omitted)} note={share(omitted / looked_at)} />
        <Figure
          label="As planned"
          value={count(whole)}
          note={reported ? `${count(reported)} more pass and are reported` : share(whole / looked_at)}
          tone={whole === looked_at ? "good" : undefined}
        />
      </SimpleGrid>
      {newly_passing > 0 && (
        <Alert color="blue">
          {counted(newly_passing, "event")} that {newly_passing === 1 ? "was" : "were"} blocked would pass.
        </Alert>
      )}
      {found.sources_with_controls.length > 0 && (
        <Alert color="blue">
          {found.sources_with_controls.join(", ")}{" "}
          {found.sources_with_controls.length === 1
            ? "has controls of its own"
            : "have controls of their own"}
          , which override the plan’s.
        </Alert>
      )}
      <Outcomes found={found} />
    </Stack>
  );
}

function blockedNote({ blocked, newly_blocked, looked_at }: PlanDryRun): string {
  if (blocked === 0 || newly_blocked === blocked) return share(blocked / looked_at);
  return newly_blocked === 0 ? "all blocked already" : `${count(newly_blocked)} not blocked today`;
}

/** The answer in one sentence, and what to do with it. */
function Verdict({ found, enforce }: { found: PlanDryRun; enforce: Enforce }) {
  const { draft, detail, update } = usePlan();
  const navigate = route.useNavigate();
  const mayEdit = useMay("editor");
  const tried = decided(draft, enforce);
  const hasCommonRule = draft.rules.some((rule) => rule.type === "common");
  const saved = draftOf(detail.plan);
  const isSaved =
    isSame({ ...tried, controls: {} }, { ...saved, controls: {} }) &&
    decideAlike(tried.controls, saved.controls, hasCommonRule);
  const isNew = !decideAlike(tried.controls, draft.controls, hasCommonRule);
  const { color, title, text } = verdict(found, isSaved);

  function take() {
    update((before) => ({ ...before, controls: tried.controls }));
    notifications.show({ message: "Added to your draft. Review and save to turn it on." });
    void navigate({ search: { tab: "controls" } });
  }

  return (
    <Alert color={color} title={title}>
      <Group justify="space-between" gap="sm">
        <Text size="sm" flex="1 1 16rem">
          {text}
        </Text>
        {isNew && mayEdit && (
          <Button size="xs" variant={color === "green" ? "filled" : "default"} onClick={take}>
            {enforce === "block" ? "Enforce the plan" : "Use these controls"}
          </Button>
        )}
      </Group>
    </Alert>
  );
}

/** Rules made of what a source has really sent, or widened by it. */

import {
  Alert,
  Badge,
  Button,
  Checkbox,
  Drawer,
  Group,
  List,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  Text,
  UnstyledButton,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconRadar2, IconSearch } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { $api } from "~/api/client";
import type { EventLine } from "~/api/schema";
import { useMay } from "~/api/session";
import { type Column, DataTable } from "~/components/DataTable";
import { Json } from "~/components/Json";
import { Empty, Failed, Loaded } from "~/components/states";
import { Time } from "~/components/Time";
import { Typed } from "~/components/Typed";
import { count, counted } from "~/format/format";
import {
  draftOf,
  payloadPlace,
  type RuleDraft,
  ruleKey,
  ruleTitle,
  versionsOf,
  withRule,
} from "../model/draft";
import { type Difference, differences, merged } from "../model/merge";
import { put, schemaAt } from "../model/schema";
import { useSourceNames } from "../sources";
import { usePlan } from "./context";

const route = getRouteApi("/shell/tracking-plans/$name");

/** Events of one source that are listed; there may be 4,000. */
const LISTED = 1_000;

interface Candidate {
  key: string;
  observed: RuleDraft;
  /** The newest version of the rule that the plan has for it. */
  rule: RuleDraft | undefined;
  differs: Difference[];
  volume: number;
  lastSeen: string | null;
}

type State = "new" | "differs" | "planned";

export function InferTab() {
  const { detail } = usePlan();
  const { source: asked } = route.useSearch();
  const navigate = route.useNavigate();
  const names = useSourceNames();
  const source = asked ?? detail.sources[0] ?? names[0];
  return (
    <Stack gap="md">
      <Group align="flex-end" gap="md">
        <Select
          label="Source"
          data={names}
          value={source ?? null}
          onChange={(next) => navigate({ search: { tab: "infer", source: next ?? undefined } })}
          allowDeselect={false}
          searchable
          w={240}
        />
        <Text size="sm" c="dimmed" flex="1 1 18rem">
          Rules allow everything that was seen; refine them afterwards. A property is required if all of at
          least 20 events had it.
        </Text>
      </Group>
      {source === undefined ? (
        <Empty icon={IconRadar2} title="No sources yet" />
      ) : (
        <Observed key={source} source={source} />
      )}
    </Stack>
  );
}

function Observed({ source }: { source: string }) {
  const schema = $api.useQuery("get", "/api/v1/sources/{name}/schema", {
    params: { path: { name: source }, query: { limit: LISTED } },
  });
  const rules = $api.useQuery(
    "get",
    "/api/v1/sources/{name}/schema/rules",
    { params: { path: { name: source } } },
    { enabled: (schema.data?.events ?? 0) > 0, retry: false },
  );
  const candidates = useCandidates(rules.data && draftOf(rules.data).rules, schema.data?.data);
  if (schema.data && schema.data.data.length === 0)
    return (
      <Empty icon={IconRadar2} title={`No events from ${source} yet`}>
        Events appear here as soon as they arrive, ready to become rules.
      </Empty>
    );
  if (schema.error) return <Failed error={schema.error} retry={() => void schema.refetch()} />;
  return <Loaded query={rules}>{() => <Candidates source={source} candidates={candidates} />}</Loaded>;
}

/** What was observed, beside what the draft says about it. */
function useCandidates(observed: RuleDraft[] | undefined, events: EventLine[] | undefined): Candidate[] {
  const { draft } = usePlan();
  const text = JSON.stringify(observed);
  return useMemo(() => {
    const seen = new Map<string, { volume: number; lastSeen: string }>();
    for (const event of events ?? []) {
      const key = observedKey(event);
      const before = seen.get(key);
      seen.set(key, {
        volume: (before?.volume ?? 0) + event.volume,
        lastSeen: before && before.lastSeen > event.last_seen ? before.lastSeen : event.last_seen,
      });
    }
    const found = ((text ? JSON.parse(text) : []) as RuleDraft[]).map((each) => {
      const rule = versionsOf(draft.rules, each).at(-1);
      const place = payloadPlace(each.type);
      const about = seen.get(`${each.type} ${each.event}`);
      return {
        key: ruleKey(each),
        observed: each,
        rule,
        differs: rule ? differences(schemaAt(rule.schema, place), schemaAt(each.schema, place)) : [],
        volume: about?.volume ?? 0,
        lastSeen: about?.lastSeen ?? null,
      };
    });
    return found.sort((one, other) => other.volume - one.volume);
  }, [text, events, draft.rules]);
}

/** All pages are planned as `Page Viewed`, all screens as `Screen Viewed`. */
function observedKey({ call, event }: EventLine): string {
  if (call === "page") return "track Page Viewed";
  if (call === "screen") return "track Screen Viewed";
  return `${call} ${event}`;
}

function stateOf({ rule, differs }: Candidate): State {
  return rule ? (differs.length ? "differs" : "planned") : "new";
}

function Candidates({ source, candidates }: { source: string; candidates: Candidate[] }) {
  const { update } = usePlan();
  const { q = "", picked = [], event: shownKey } = route.useSearch();
  const navigate = route.useNavigate();
  const mayEdit = useMay("editor");
  const [only, setOnly] = useState<"open" | "all">("open");
  const [widen, setWiden] = useState(false);
  const search = (text: string) =>
    navigate({ search: (now) => ({ ...now, q: text || undefined }), replace: true });
  const shown = candidates.filter(
    (each) =>
      ruleTitle(each.observed).toLowerCase().includes(q.toLowerCase()) &&
      (only === "all" || stateOf(each) !== "planned"),
  );
  const chosen = candidates.filter((each) => picked.includes(each.key));
  const open = candidates.find((each) => each.key === shownKey);
  const pick = (keys: string[]) =>
    navigate({
      search: (now) => ({ ...now, picked: keys.length ? keys : undefined }),
      replace: true,
    });
  const toggle = (key: string) =>
    pick(picked.includes(key) ? picked.filter((each) => each !== key) : [...picked, key]);

  function merge() {
    update((before) => chosen.reduce((draft, each) => withRule(draft, ruleMade(each, widen)), before));
    const added = chosen.filter((each) => !each.rule).length;
    notifications.show({
      message: `${counted(added, "rule")} added and ${counted(chosen.length - added, "rule")} updated in your draft.`,
    });
    void navigate({ search: { tab: "rules" } });
  }

  const columns: Column<Candidate>[] = [
    {
      key: "Pick",
      label: "",
      width: "3rem",
      cell: (each) => (
        <Checkbox
          aria-label={`Select ${ruleTitle(each.observed)}`}
          checked={picked.includes(each.key)}
          onChange={() => toggle(each.key)}
          disabled={!mayEdit}
        />
      ),
    },
    {
      key: "event",
      label: "Event",
      isTitle: true,
      width: "minmax(10rem, 2fr)",
      cell: (each) => (
        <UnstyledButton
          fw={600}
          c="var(--mantine-color-anchor)"
          onClick={() => navigate({ search: (now) => ({ ...now, event: each.key }) })}
        >
          {ruleTitle(each.observed)}
        </UnstyledButton>
      ),
    },
    { key: "volume", label: "Events", width: "6rem", align: "right", cell: (each) => count(each.volume) },
    { key: "last", label: "Last seen", width: "9rem", cell: (each) => <Time at={each.lastSeen} /> },
    {
      key: "state",
      label: "In the plan",
      width: "minmax(9rem, 1fr)",
      cell: (each) => <StateBadge of={each} />,
    },
  ];

  return (
    <>
      <Group gap="sm">
        <Typed
          aria-label="Search events"
          placeholder="Search events"
          leftSection={<IconSearch size={16} />}
          value={q}
          onTyped={search}
          flex="1 1 12rem"
          maw={320}
        />
        <SegmentedControl
          aria-label="Which events"
          data={[
            { value: "open", label: "Not in the plan" },
            { value: "all", label: "All" },
          ]}
          value={only}
          onChange={(next) => setOnly(next as "open" | "all")}
        />
        {mayEdit && shown.length > 0 && (
          <Button
            variant="subtle"
            onClick={() => pick(picked.length ? [] : shown.map((each) => each.key).slice(0, 200))}
          >
            {picked.length ? "Clear selection" : shown.length > 200 ? "Select first 200" : "Select all"}
          </Button>
        )}
      </Group>
      {shown.length === 0 ? (
        <Empty icon={IconRadar2} title={q ? `No event matches “${q}”` : "All events are planned"}>
          {!q && `Everything ${source} has sent so far matches this plan.`}
        </Empty>
      ) : (
        <DataTable
          label={`Events of ${source}`}
          columns={columns}
          rows={shown}
          rowKey={(each) => each.key}
          height="55vh"
          footer={counted(shown.length, "event")}
        />
      )}
      {chosen.length > 0 && (
        <Alert color="blue" title={`${counted(chosen.length, "event")} selected`}>
          <Group justify="space-between" gap="sm">
            <Switch
              label="Also allow new types on existing properties"
              description="Otherwise existing rules only gain new properties"
              checked={widen}
              onChange={(event) => setWiden(event.currentTarget.checked)}
            />
            <Button onClick={merge}>Add to plan</Button>
          </Group>
        </Alert>
      )}
      <Drawer
        opened={open !== undefined}
        onClose={() => navigate({ search: (now) => ({ ...now, event: undefined }) })}
        title={open && <Text fw={650}>{ruleTitle(open.observed)}</Text>}
      >
        {open && <Preview candidate={open} widen={widen} />}
      </Drawer>
    </>
  );
}

/** The rule that would be in the plan. */
function ruleMade({ rule, observed }: Candidate, widen: boolean): RuleDraft {
  if (!rule) return observed;
  const place = payloadPlace(rule.type);
  const schema = merged(schemaAt(rule.schema, place), schemaAt(observed.schema, place), widen);
  return { ...rule, schema: put(rule.schema, place, schema) };
}

function StateBadge({ of }: { of: Candidate }) {
  switch (stateOf(of)) {
    case "new":
      return <Badge color="yellow">No rule</Badge>;
    case "differs":
      return <Badge color="orange">{counted(of.differs.length, "difference")}</Badge>;
    default:
      return <Badge color="green">In the plan</Badge>;
  }
}

function Preview({ candidate, widen }: { candidate: Candidate; widen: boolean }) {
  return (
    <Stack>
      {candidate.rule && candidate.differs.length > 0 && (
        <div>
          <Text fw={600} mb={4}>
            Differences from the rule
          </Text>
          <List size="sm">
            {candidate.differs.map((each) => (
              <List.Item key={`${each.path} ${each.kind}`}>
                <code>{each.path}</code>{" "}
                {each.kind === "new"
                  ? `isn’t in the rule (${each.seen.join(" or ") || "any type"})`
                  : `was ${each.seen.join(" or ")}, but the rule expects ${each.allowed.join(" or ")}`}
              </List.Item>
            ))}
          </List>
        </div>
      )}
      <Text fw={600}>{candidate.rule ? "Updated rule" : "New rule"}</Text>
      <Json value={ruleMade(candidate, widen).schema} label="Rule" />
    </Stack>
  );
}

/** The rules of the plan, or the one that is being edited. */

import { Anchor, Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconListCheck, IconPlus, IconSearch } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { type Column, DataTable } from "~/components/DataTable";
import { May } from "~/components/May";
import { Empty } from "~/components/states";
import { Typed } from "~/components/Typed";
import { count, counted } from "~/format/format";
import {
  callWords,
  findRule,
  inOrder,
  payloadPlace,
  type RuleDraft,
  ruleKey,
  ruleTitle,
} from "../model/draft";
import { rows } from "../model/schema";
import { AddRule } from "./AddRule";
import { usePlan } from "./context";
import { Naming } from "./Naming";
import { RuleEditor } from "./RuleEditor";

const route = getRouteApi("/shell/tracking-plans/$name");

export function RulesTab() {
  const { draft } = usePlan();
  const { rule: key } = route.useSearch();
  const index = findRule(draft.rules, key);
  const rule = draft.rules[index];
  return rule ? <RuleEditor key={key} rule={rule} index={index} /> : <RuleList />;
}

interface Line {
  rule: RuleDraft;
  properties: number;
  required: number;
  mistakes: number;
  change: "new" | "changed" | null;
}

function RuleList() {
  const { draft } = usePlan();
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const [isAdding, adding] = useDisclosure();
  const lines = useLines();
  const shown = lines.filter(({ rule }) =>
    `${ruleTitle(rule)} ${rule.description} ${rule.type}`.toLowerCase().includes(q.toLowerCase()),
  );
  const search = (text: string) =>
    navigate({ search: (now) => ({ ...now, q: text || undefined }), replace: true });
  const add = (
    <May role="editor">
      <Button leftSection={<IconPlus size={16} />} onClick={adding.open}>
        Add rule
      </Button>
    </May>
  );

  return (
    <Stack gap="lg">
      {draft.rules.length === 0 ? (
        <Empty
          icon={IconListCheck}
          title="No rules yet"
          action={
            <>
              <Button onClick={() => navigate({ search: { tab: "infer" } })}>Create rules from events</Button>
              {add}
            </>
          }
        >
          A rule defines one event: its properties, their types, and which are required.
        </Empty>
      ) : (
        <div>
          <Group justify="space-between" mb="sm">
            <Typed
              aria-label="Search rules"
              placeholder="Search rules"
              leftSection={<IconSearch size={16} />}
              value={q}
              onTyped={search}
              flex="1 1 12rem"
              maw={360}
            />
            {add}
          </Group>
          {shown.length === 0 ? (
            <Empty icon={IconSearch} title={`No rule matches “${q}”`} />
          ) : (
            <DataTable
              label="Rules"
              columns={COLUMNS}
              rows={shown}
              rowKey={({ rule }) => ruleKey(rule)}
              onOpen={({ rule }) => navigate({ search: { tab: "rules", rule: ruleKey(rule) } })}
              rowHeight={56}
              height="60vh"
              footer={counted(shown.length, "rule")}
            />
          )}
        </div>
      )}
      <Naming />
      {isAdding && <AddRule onClose={adding.close} />}
    </Stack>
  );
}

function useLines(): Line[] {
  const { draft, saved, problems } = usePlan();
  return useMemo(() => {
    const before = new Map(saved.rules.map((rule) => [ruleKey(rule), JSON.stringify(rule)]));
    const order = new Map(draft.rules.map((rule, index) => [rule, index]));
    return inOrder(draft.rules).map((rule) => {
      const properties = rows(rule.schema, payloadPlace(rule.type));
      const was = before.get(ruleKey(rule));
      return {
        rule,
        properties: properties.length,
        required: properties.filter((row) => row.isRequired).length,
        mistakes: problems.filter(({ path }) => path.startsWith(`rules[${order.get(rule)}]`)).length,
        change: was === undefined ? "new" : was === JSON.stringify(rule) ? null : "changed",
      };
    });
  }, [draft.rules, saved.rules, problems]);
}

const COLUMNS: Column<Line>[] = [
  {
    key: "event",
    label: "Event",
    isTitle: true,
    width: "minmax(12rem, 3fr)",
    cell: ({ rule, mistakes, change }) => (
      <>
        <Group gap="xs">
          <Anchor
            renderRoot={(props) => (
              <Link
                from="/tracking-plans/$name"
                to="/tracking-plans/$name"
                search={{ tab: "rules", rule: ruleKey(rule) }}
                {...props}
              />
            )}
            fw={600}
          >
            {ruleTitle(rule)}
          </Anchor>
          {change && <Badge color="blue">{change === "new" ? "New" : "Changed"}</Badge>}
          {mistakes > 0 && <Badge color="red">{counted(mistakes, "error")}</Badge>}
        </Group>
        {rule.description && (
          <Text size="sm" c="dimmed" lineClamp={1} fw={400}>
            {rule.description}
          </Text>
        )}
      </>
    ),
  },
  { key: "call", label: "Call", width: "8rem", cell: ({ rule }) => callWords(rule.type) },
  {
    key: "version",
    label: "Version",
    width: "6rem",
    align: "right",
    cell: ({ rule }) => count(rule.version),
  },
  {
    key: "properties",
    label: "Properties",
    width: "minmax(8rem, 1fr)",
    align: "right",
    cell: ({ properties, required }) => (
      <Text span inherit c={properties ? undefined : "dimmed"}>
        {properties ? `${count(properties)}, ${count(required)} required` : "Any"}
      </Text>
    ),
  },
];

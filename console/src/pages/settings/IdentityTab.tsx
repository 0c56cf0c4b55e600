/** By which external ids people are known: order of priority, limits, what is never taken for an id. */

import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Paper,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
  Tooltip,
} from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { $api, api } from "~/api/client";
import type { Applied, Identity, IdentityDetail } from "~/api/schema";
import { useMay } from "~/api/session";
import { review } from "~/components/review";
import { SaveBar } from "~/components/SaveBar";
import { Loaded } from "~/components/states";
import { useUnsaved } from "~/components/useUnsaved";
import { changeInWords } from "./amounts";
import { FieldInput } from "./FieldInput";
import { RuleDrawer } from "./RuleDrawer";
import {
  added,
  changed,
  isKnown,
  isPlain,
  limitByDefault,
  moved,
  type Rules,
  removed,
  rulesOf,
  toFile,
} from "./rules";
import { useFields } from "./useFields";

interface Props {
  opened: string | undefined;
  onOpen: (type: string | undefined) => void;
}

export default function IdentityTab({ opened, onOpen }: Props) {
  const query = $api.useQuery("get", "/api/v1/identity");
  return (
    <Loaded query={query}>
      {(detail) => (
        <Form key={JSON.stringify(detail.identity)} detail={detail} opened={opened} onOpen={onOpen} />
      )}
    </Loaded>
  );
}

function Form({ detail, opened, onOpen }: Props & { detail: IdentityDetail }) {
  const may = useMay("editor");
  const scalars = detail.fields.filter((field) => field.name !== "external_ids");
  const form = useFields(scalars);
  const stored = rulesOf(detail);
  const [rules, setRules] = useState(stored);
  const [mistakes, setMistakes] = useState<Record<string, string>>({});
  const isChanged = form.isChanged || JSON.stringify(rules) !== JSON.stringify(stored);
  useUnsaved(isChanged);
  const index = rules.all.findIndex((rule) => rule.type === opened);

  const save = () =>
    review({
      title: "Save identity rules",
      inWords: changeInWords("identity", scalars, LABELS),
      notes: [
        "They apply to events from now on. Profiles that are merged stay merged; you can unmerge them one by one.",
      ],
      ask: async (how) => {
        const listed = toFile(rules, detail.rule_fields);
        const body = { ...form.body(), ...(listed.length > 0 && { external_ids: listed }) } as Identity;
        const params = { query: { version: detail.version, ...how } };
        return (await api.PUT("/api/v1/identity", { params, body })).data as Applied;
      },
      onWrong: (error) => {
        form.wrong(error);
        setMistakes(Object.fromEntries(error.problems.map(({ path, message }) => [path, message])));
      },
    });

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Stack maw={900}>
        <Paper p="md">
          <Title order={2} size="h5">
            External ids by priority
          </Title>
          <Text size="sm" c="dimmed" mb="sm">
            External ids link events to profiles. When an event would link two profiles and a limit forbids
            it, ids lower in this list are left out first.
          </Text>
          <List
            rules={rules}
            detail={detail}
            mistakes={mistakes}
            onChange={setRules}
            onOpen={onOpen}
            readOnly={!may}
          />
          {may && (
            <Another rules={rules} onAdd={(type) => setRules(added(rules, type, detail.rule_fields))} />
          )}
        </Paper>
        <Paper p="md">
          <Title order={2} size="h5" mb="sm">
            Limits per profile
          </Title>
          <Stack gap="lg">
            {scalars.map((field) => (
              <FieldInput
                key={field.name}
                field={field}
                label={LABELS[field.name]}
                value={form.value(field)}
                onChange={(value) => form.set(field.name, value)}
                mistake={form.mistakes[field.name]}
                readOnly={!may}
              />
            ))}
          </Stack>
        </Paper>
        <SaveBar
          isChanged={isChanged}
          onDiscard={() => {
            form.reset();
            setRules(stored);
            setMistakes({});
          }}
        />
      </Stack>
      <RuleDrawer
        rule={rules.all[index]}
        detail={detail}
        mistakes={mistakes}
        index={index}
        readOnly={!may}
        onChange={(rule) => setRules(changed(rules, index, rule))}
        onClose={() => onOpen(undefined)}
      />
    </form>
  );
}

const LABELS: Record<string, string> = { merges_max: "Merged profiles", ids_max: "External ids" };

interface ListProps {
  rules: Rules;
  detail: IdentityDetail;
  mistakes: Record<string, string>;
  onChange: (rules: Rules) => void;
  onOpen: (type: string) => void;
  readOnly: boolean;
}

function List({ rules, detail, mistakes, onChange, onOpen, readOnly }: ListProps) {
  return (
    <Table.ScrollContainer minWidth={300}>
      <Table verticalSpacing={6} horizontalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Type</Table.Th>
            <Table.Th visibleFrom="sm">Limit per profile</Table.Th>
            <Table.Th visibleFrom="sm">Also read from</Table.Th>
            {!readOnly && <Table.Th>Priority</Table.Th>}
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rules.all.map((rule, index) => {
            const wrong = Object.entries(mistakes).find(([path]) =>
              path.startsWith(`external_ids[${index}]`),
            );
            return (
              <Table.Tr key={rule.type}>
                <Table.Td>
                  <Group gap={6}>
                    <Text fw={550} style={{ overflowWrap: "anywhere" }}>
                      {rule.type}
                    </Text>
                    {!isPlain(rule, detail) && <Badge color="blue">customized</Badge>}
                  </Group>
                  <Text size="xs" c="dimmed" hiddenFrom="sm">
                    {rule.limit ?? limitByDefault(detail, rule.type)} {PERIODS[rule.period] ?? rule.period}
                  </Text>
                  {wrong && (
                    <Text size="xs" c="var(--mantine-color-error)">
                      {wrong[1]}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td visibleFrom="sm">
                  {rule.limit ?? limitByDefault(detail, rule.type)} {PERIODS[rule.period] ?? rule.period}
                </Table.Td>
                <Table.Td visibleFrom="sm">
                  <Text size="sm" c={rule.keys.length ? undefined : "dimmed"}>
                    {rule.keys.join(", ") || "–"}
                  </Text>
                </Table.Td>
                {!readOnly && (
                  <Table.Td>
                    <Group gap={2} wrap="nowrap">
                      <Move
                        type={rule.type}
                        step={-1}
                        disabled={index === 0}
                        go={() => onChange(moved(rules, index, -1))}
                      />
                      <Move
                        type={rule.type}
                        step={1}
                        disabled={index === rules.all.length - 1}
                        go={() => onChange(moved(rules, index, 1))}
                      />
                    </Group>
                  </Table.Td>
                )}
                <Table.Td ta="right">
                  <Group gap={4} justify="flex-end" wrap="nowrap">
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      onClick={() => onOpen(rule.type)}
                      aria-label={`${readOnly ? "View" : "Edit"} ${rule.type}`}
                    >
                      {readOnly ? "View" : "Edit"}
                    </Button>
                    {!readOnly && !isKnown(detail, rule.type) && (
                      <Button
                        size="compact-sm"
                        variant="subtle"
                        color="red"
                        onClick={() => onChange(removed(rules, index))}
                        aria-label={`Remove ${rule.type}`}
                      >
                        Remove
                      </Button>
                    )}
                  </Group>
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const PERIODS: Record<string, string> = {
  ever: "in total",
  annually: "per year",
  monthly: "per month",
  weekly: "per week",
};

function Move({
  type,
  step,
  disabled,
  go,
}: {
  type: string;
  step: -1 | 1;
  disabled: boolean;
  go: () => void;
}) {
  const label = `Move ${type} ${step < 0 ? "up" : "down"}`;
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} disabled={disabled} onClick={go}>
        {step < 0 ? <IconArrowUp size={16} /> : <IconArrowDown size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}

function Another({ rules, onAdd }: { rules: Rules; onAdd: (type: string) => void }) {
  const [type, setType] = useState("");
  const wanted = type.trim();
  const isTaken = rules.all.some((rule) => rule.type === wanted);
  const add = () => {
    onAdd(wanted);
    setType("");
  };
  return (
    <Group mt="sm" align="flex-end">
      <TextInput
        label="New type"
        placeholder="phone"
        value={type}
        onChange={(event) => setType(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          if (wanted && !isTaken) add();
        }}
        error={isTaken ? "This type is already in the list" : undefined}
      />
      <Button
        variant="default"
        leftSection={<IconPlus size={16} />}
        disabled={!wanted || isTaken}
        onClick={add}
      >
        Add type
      </Button>
    </Group>
  );
}

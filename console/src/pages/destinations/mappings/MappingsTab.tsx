/** What a destination does with which events: its mappings in their order, or the presets of its type. */

import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  Code,
  Group,
  Menu,
  Paper,
  Stack,
  Switch,
  Text,
} from "@mantine/core";
import {
  IconArrowDown,
  IconArrowsSplit,
  IconArrowUp,
  IconChevronDown,
  IconInfoCircle,
  IconPlus,
  IconTrash,
} from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { DestinationDetail, RecentPreview, TypeShape } from "~/api/schema";
import { useMay } from "~/api/session";
import { May } from "~/components/May";
import { Empty } from "~/components/states";
import { counted } from "~/format/format";
import { freeName, type Mapping, presetsOf, whole } from "../destination";
import { SaveBar } from "../SaveBar";
import { type Draft, useDraft } from "../useDraft";
import { useRecentPreview } from "../usePreview";
import { MappingEditor } from "./MappingEditor";
import { triggerInWords } from "./trigger";

interface Props {
  detail: DestinationDetail;
  type: TypeShape;
}

export default function MappingsTab({ detail, type }: Props) {
  const search = useSearch({ from: "/shell/destinations/$name" });
  const navigate = useNavigate({ from: "/destinations/$name" });
  const own = whole(detail.destination).mappings;
  const presets = presetsOf(type);
  if (search.mapping === undefined) return <List detail={detail} type={type} />;
  const index = own.findIndex((each) => each.name === search.mapping);
  const preset = presets.find((each) => each.name === search.preset);
  return (
    <MappingEditor
      key={`${search.mapping} ${search.preset}`}
      detail={detail}
      type={type}
      start={own[index] ?? (preset ? { ...preset, name: freeName(preset.name, own) } : emptyOf(type, own))}
      index={index === -1 ? null : index}
      presets={own.length === 0 ? presets.filter((each) => each !== preset) : []}
      onClose={() => void navigate({ search: { tab: "mappings" } })}
    />
  );
}

function List({ detail, type }: Props) {
  const draft = useDraft(detail);
  const may = useMay("editor");
  const navigate = useNavigate({ from: "/destinations/$name" });
  const recent = useRecentPreview(detail.destination.name, {});
  const { mappings } = draft.value;
  const edit = (mapping: string, preset?: string) =>
    void navigate({ search: { tab: "mappings", mapping, ...(preset ? { preset } : {}) } });
  const isPresets = mappings.length === 0;
  const shown = isPresets ? presetsOf(type) : mappings;
  return (
    <Stack>
      <Group justify="space-between">
        <Text c="dimmed" maw="44rem">
          A mapping decides which events are sent, what they do there, and which data they carry. An event
          that matches several mappings is sent once for each.
        </Text>
        {may && <Add type={type} onAdd={edit} />}
      </Group>
      {isPresets && shown.length > 0 && (
        <Alert color="blue" icon={<IconInfoCircle />} title="Default mappings">
          <Group justify="space-between">
            <Text size="sm">
              This destination uses the defaults of its type. Customize them to edit, reorder or switch them
              off.
            </Text>
            <May role="editor">
              <Button size="xs" variant="default" onClick={() => draft.set({ mappings: presetsOf(type) })}>
                Customize
              </Button>
            </May>
          </Group>
        </Alert>
      )}
      {shown.length === 0 && (
        <Empty
          icon={IconArrowsSplit}
          title="No mappings yet"
          action={
            <May role="editor">
              <Button leftSection={<IconPlus size={16} />} onClick={() => edit("")}>
                Add mapping
              </Button>
            </May>
          }
        >
          Nothing is sent until a mapping says which events to send, and with which data.
        </Empty>
      )}
      <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: "none" }}>
        {shown.map((mapping, index) => (
          <Line
            // biome-ignore lint/suspicious/noArrayIndexKey: two may have one name until that is mended
            key={`${mapping.name} ${index}`}
            mapping={mapping}
            index={index}
            type={type}
            draft={isPresets ? null : draft}
            matches={draft.isChanged ? undefined : recent.data}
            onEdit={() => (isPresets ? edit("", mapping.name) : edit(mapping.name))}
          />
        ))}
      </Stack>
      <SaveBar draft={draft} notes={notesOn(draft, type)} />
    </Stack>
  );
}

function notesOn({ value }: Draft, type: TypeShape): string[] {
  if (value.mappings.length > 0 || type.presets.length === 0) return [];
  return ["Without mappings of its own, the destination uses the defaults of its type."];
}

interface LineProps {
  mapping: Mapping;
  index: number;
  type: TypeShape;
  /** null: a preset, which cannot be changed. */
  draft: Draft | null;
  matches: RecentPreview | undefined;
  onEdit: () => void;
}

function Line({ mapping, index, type, draft, matches, onEdit }: LineProps) {
  const may = useMay("editor");
  const action = type.actions.find((each) => each.name === mapping.action);
  const found = matches?.mappings.find((each) => each.mapping === mapping.name);
  return (
    <Paper p="sm" component="li">
      <Group wrap="nowrap" gap="sm" align="flex-start">
        {draft && (
          <Switch
            aria-label={`Enable ${mapping.name}`}
            checked={mapping.enabled}
            disabled={!may}
            mt={4}
            onChange={(event) => change(draft, index, { ...mapping, enabled: event.currentTarget.checked })}
          />
        )}
        <Stack gap={2} flex={1} miw={0}>
          <Group gap="xs">
            <Button variant="transparent" h="auto" p={0} onClick={onEdit} fw={600}>
              {mapping.name}
            </Button>
            <Badge color="gray">{action?.label ?? mapping.action}</Badge>
            {!draft && <Badge color="blue">Default</Badge>}
            {!mapping.enabled && <Badge color="gray">Off</Badge>}
          </Group>
          <Trigger trigger={mapping.trigger} />
          {matches && mapping.enabled && (
            <Text size="sm" c={found?.rejected ? "var(--mantine-color-error)" : "dimmed"}>
              {`Matches ${found?.matched ?? 0} of the last ${counted(matches.looked, "event")}`}
              {found?.rejected ? `; ${found.rejected} would be rejected for a missing or invalid field` : ""}
            </Text>
          )}
        </Stack>
        {draft && may && <Order draft={draft} index={index} name={mapping.name} />}
      </Group>
    </Paper>
  );
}

function Trigger({ trigger }: { trigger: string }) {
  const words = triggerInWords(trigger);
  return words ? (
    <Text size="sm">{words}</Text>
  ) : (
    <Code style={{ overflowWrap: "anywhere", alignSelf: "flex-start" }}>{trigger}</Code>
  );
}

function change(draft: Draft, index: number, mapping: Mapping): void {
  draft.set({ mappings: draft.value.mappings.with(index, mapping) });
}

function Order({ draft, index, name }: { draft: Draft; index: number; name: string }) {
  const { mappings } = draft.value;
  const swap = (by: 1 | -1) => {
    const other = mappings[index + by];
    const one = mappings[index];
    if (one && other) draft.set({ mappings: mappings.with(index, other).with(index + by, one) });
  };
  return (
    <Group gap={2} wrap="nowrap">
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Move ${name} up`}
        disabled={index === 0}
        onClick={() => swap(-1)}
      >
        <IconArrowUp size={16} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Move ${name} down`}
        disabled={index === mappings.length - 1}
        onClick={() => swap(1)}
      >
        <IconArrowDown size={16} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="red"
        aria-label={`Remove ${name}`}
        onClick={() => draft.set({ mappings: mappings.toSpliced(index, 1) })}
      >
        <IconTrash size={16} />
      </ActionIcon>
    </Group>
  );
}

function Add({ type, onAdd }: { type: TypeShape; onAdd: (mapping: string, preset?: string) => void }) {
  if (type.presets.length === 0)
    return (
      <Button leftSection={<IconPlus size={16} />} onClick={() => onAdd("")}>
        Add mapping
      </Button>
    );
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button leftSection={<IconPlus size={16} />} rightSection={<IconChevronDown size={14} />}>
          Add mapping
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflowY: "auto" }}>
        <Menu.Item onClick={() => onAdd("")}>Start from scratch</Menu.Item>
        <Menu.Label>Start from a default</Menu.Label>
        {type.presets.map((preset) => (
          <Menu.Item key={preset.name} onClick={() => onAdd("", preset.name)}>
            {preset.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function emptyOf(type: TypeShape, own: Mapping[]): Mapping {
  return {
    name: freeName("New mapping", own),
    action: type.actions[0]?.name ?? "",
    trigger: 'type = "track"',
    mapping: {},
    enabled: true,
    batch: {},
  };
}

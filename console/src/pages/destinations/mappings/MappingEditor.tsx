/** One mapping: for which events, what is done, what the fields get; tried on real events while one writes. */

import {
  Alert,
  Button,
  Checkbox,
  Group,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Tabs,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconArrowLeft } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { Problem } from "~/api/client";
import type { DestinationDetail, FieldShape, TypeShape } from "~/api/schema";
import { useMay } from "~/api/session";
import { EventPicker, parseEvent } from "~/components/EventPicker";
import { May } from "~/components/May";
import { review } from "~/components/review";
import { counted } from "~/format/format";
import { type Mapping, put, whole } from "../destination";
import { EventPreview } from "../EventPreview";
import { RecentEnds } from "../RecentEnds";
import { problemsOf } from "../useDraft";
import { useEventPreview, usePayloadPreview, useRecentPreview } from "../usePreview";
import { BatchFields } from "./BatchFields";
import { FieldList } from "./FieldList";
import { JsonFields } from "./JsonFields";
import { mistakesAt } from "./mistakes";
import { TriggerEditor } from "./TriggerEditor";
import { placesOf, type Value } from "./values";

interface Props {
  detail: DestinationDetail;
  type: TypeShape;
  /** As it begins. */
  start: Mapping;
  /** Its place among the destination's own; null: a new one. */
  index: number | null;
  /** The presets as mappings, when the destination has none of its own: they may be kept. */
  presets: Mapping[];
  onClose: () => void;
}

const ASK_AFTER_MS = 400;

export function MappingEditor({ detail, type, start, index, presets, onClose }: Props) {
  const [mapping, setMapping] = useState(start);
  const [event, setEvent] = useState({ text: "", source: undefined as string | undefined });
  const [keepPresets, setKeepPresets] = useState(true);
  const [problems, setProblems] = useState<Problem[]>([]);
  const may = useMay("editor");
  const { name } = detail.destination;
  const action = type.actions.find((each) => each.name === mapping.action);
  const parsed = useMemo(() => parseEvent(event.text).event, [event.text]);
  const places = useMemo(() => (parsed ? placesOf(parsed) : []), [parsed]);

  const [settled] = useDebouncedValue(mapping, ASK_AFTER_MS);
  const tried = useMemo(
    () => ({ mappings: [{ ...settled, name: settled.name || "new", enabled: true }] }),
    [settled],
  );
  const one = useEventPreview(name, parsed, event.source, tried);
  const recent = useRecentPreview(name, tried);
  const payload = usePayloadPreview(type.name, settled, action?.whole_event ? undefined : parsed);
  const mistakes = mistakesAt(
    [...problemsOf(payload.error ?? one.error), ...problems],
    payload.data?.error ?? undefined,
  );

  const set = (change: Partial<Mapping>) => {
    setMapping((before) => ({ ...before, ...change }));
    setProblems([]);
  };
  const setField = (field: FieldShape, value: Value | undefined) => {
    const { [field.name]: _, ...others } = mapping.mapping;
    set({ mapping: value === undefined ? others : { ...mapping.mapping, [field.name]: value } });
  };

  function save() {
    const stored = whole(detail.destination);
    const before = stored.mappings.length === 0 && index === null && keepPresets ? presets : stored.mappings;
    const mappings = index === null ? [...before, mapping] : before.with(index, mapping);
    review({
      title: index === null ? `Add mapping ${mapping.name}` : `Save mapping ${mapping.name}`,
      notes:
        before.length === 0 && index === null && type.presets.length > 0
          ? ["The default mappings of this type are switched off."]
          : [],
      ask: put(detail, { ...stored, mappings }),
      onWrong: (error) => setProblems(inside(problemsOf(error), mappings.indexOf(mapping))),
      onSaved: onClose,
    });
  }

  const fields = action?.fields ?? [];
  const isChanged = index === null || JSON.stringify(mapping) !== JSON.stringify(start);
  return (
    <Stack>
      <Group justify="space-between">
        <Button variant="subtle" leftSection={<IconArrowLeft size={16} />} onClick={onClose}>
          All mappings
        </Button>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            {isChanged ? "Discard" : "Close"}
          </Button>
          <May role="editor">
            <Button onClick={save} disabled={!isChanged || !mapping.name || !mapping.action}>
              Review and save
            </Button>
          </May>
        </Group>
      </Group>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: "start" }}>
        <Stack>
          <Paper p="lg">
            <Stack>
              <Title order={2} size="h4">
                {index === null ? "New mapping" : mapping.name}
              </Title>
              <TextInput
                label="Name"
                description="Shown in receipts."
                value={mapping.name}
                onChange={(typed) => set({ name: typed.currentTarget.value })}
                error={mistakes.name}
                readOnly={!may}
                maxLength={100}
              />
              <Select
                label="Action"
                description={action?.description}
                data={type.actions.map((each) => ({ value: each.name, label: each.label }))}
                value={mapping.action}
                onChange={(chosen) => set({ action: chosen ?? mapping.action, mapping: {} })}
                allowDeselect={false}
                error={mistakes.action}
                readOnly={!may}
              />
              <TriggerEditor
                value={mapping.trigger}
                onChange={(trigger) => set({ trigger })}
                source={detail.sources.length === 1 ? detail.sources[0] : undefined}
                error={mistakes.trigger}
                readOnly={!may}
              />
              <Matches recent={recent.data} name={tried.mappings[0]?.name ?? ""} />
              <Switch
                label="Enabled"
                description="While off, this mapping sends nothing."
                checked={mapping.enabled}
                onChange={(typed) => set({ enabled: typed.currentTarget.checked })}
                disabled={!may}
              />
              {index === null && presets.length > 0 && (
                <Checkbox
                  label={`Keep the ${presets.length === 1 ? "default mapping" : `${presets.length} default mappings`}`}
                  description="Adding your own mapping replaces the defaults. Keep them to send both."
                  checked={keepPresets}
                  onChange={(typed) => setKeepPresets(typed.currentTarget.checked)}
                />
              )}
            </Stack>
          </Paper>
          {action?.whole_event ? (
            <Alert color="blue" title="Nothing to map">
              This action sends the whole event. Use filters and transformations to change it first.
            </Alert>
          ) : (
            <FieldList
              key={mapping.action}
              fields={fields}
              mapping={mapping.mapping}
              onChange={setField}
              places={places}
              payload={payload.data?.payload as Record<string, unknown> | null | undefined}
              mistakes={mistakes}
              readOnly={!may}
            />
          )}
          {action?.batches && (
            <BatchFields batch={mapping.batch} onChange={(batch) => set({ batch })} readOnly={!may} />
          )}
        </Stack>
        <Paper p="md" pos={{ base: "static", lg: "sticky" }} top={72}>
          <Stack>
            <EventPicker
              label="Preview with"
              prefer={settled.trigger}
              sources={detail.sources.length ? detail.sources : undefined}
              value={event.text}
              onChange={(text, picked) => setEvent({ text, source: picked?.source })}
            />
            <Tabs defaultValue="one">
              <Tabs.List mb="sm">
                <Tabs.Tab value="one">This event</Tabs.Tab>
                <Tabs.Tab value="recent">Last 100 events</Tabs.Tab>
                {!action?.whole_event && <Tabs.Tab value="json">JSON</Tabs.Tab>}
              </Tabs.List>
              <Tabs.Panel value="one">
                <EventPreview query={one} />
              </Tabs.Panel>
              <Tabs.Panel value="recent">
                <RecentEnds query={recent} />
              </Tabs.Panel>
              <Tabs.Panel value="json">
                <JsonFields
                  mapping={mapping.mapping}
                  onChange={(next) => set({ mapping: next })}
                  readOnly={!may}
                  error={mistakes[""]}
                />
              </Tabs.Panel>
            </Tabs>
            <Text size="xs" c="dimmed">
              Preview only. Nothing is sent.
            </Text>
          </Stack>
        </Paper>
      </SimpleGrid>
    </Stack>
  );
}

interface MatchesProps {
  recent: ReturnType<typeof useRecentPreview>["data"];
  name: string;
}

function Matches({ recent, name }: MatchesProps) {
  if (!recent) return null;
  const found = recent.mappings.find((each) => each.mapping === name);
  const matched = found?.matched ?? 0;
  const refused = found?.rejected ?? 0;
  return (
    <Text size="sm" role="status">
      <b>
        Matches {matched} of the last {counted(recent.looked, "event")}.
      </b>{" "}
      {refused > 0 && (
        <Text span inherit c="var(--mantine-color-error)">
          {refused} would be rejected for a missing or invalid field.
        </Text>
      )}
    </Text>
  );
}

/** Of the destination's problems those of this mapping, by paths inside it. */
function inside(problems: Problem[], index: number): Problem[] {
  const at = `mappings[${index}].`;
  return problems
    .filter(({ path }) => path.startsWith(at))
    .map((problem) => ({ ...problem, path: problem.path.slice(at.length) }));
}

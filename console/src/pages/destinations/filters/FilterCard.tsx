/** One filter: what it does, where its condition holds. */

import {
  ActionIcon,
  Alert,
  Button,
  Group,
  NumberInput,
  Paper,
  Radio,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { Event } from "~/components/EventPicker";
import { FqlEditor } from "~/components/FqlEditor";
import { Json } from "~/components/Json";
import type { Filter } from "../destination";
import { FieldsEditor } from "./FieldsEditor";

type Verb = NonNullable<Filter["action"]>;

const VERBS: Record<Verb, { label: string; about: string }> = {
  drop: { label: "Block", about: "Matching events are not sent." },
  only: { label: "Send only", about: "Events that do not match are not sent." },
  sample: { label: "Sample", about: "Only a share of matching events is sent, always for the same people." },
  drop_properties: { label: "Remove properties", about: "The listed properties are removed." },
  allow_properties: { label: "Keep only properties", about: "Only the listed properties are kept." },
};

interface Props {
  filter: Filter;
  number: number;
  onChange: (filter: Filter) => void;
  onRemove: () => void;
  /** By paths inside the filter. */
  mistakes: Record<string, string>;
  source: string | undefined;
  /** Whose members are proposed. */
  event: Event | undefined;
  readOnly: boolean;
}

export function FilterCard({ filter, number, onChange, onRemove, mistakes, source, event, readOnly }: Props) {
  const set = (change: Partial<Filter>) => onChange({ ...filter, ...change });
  const isAll = filter.if === "all";
  const isForeign = !filter.action && (filter.actions?.length ?? 0) > 0;
  const other = mistakes[""] ?? mistakes.action ?? mistakes.actions;
  return (
    <Paper p="md" role="group" aria-label={filter.title || `Filter ${number}`}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap">
          <TextInput
            aria-label="Filter name"
            placeholder={`Filter ${number}`}
            value={filter.title ?? ""}
            onChange={(typed) => set({ title: typed.currentTarget.value })}
            readOnly={readOnly}
            flex={1}
          />
          <Switch
            label="On"
            checked={filter.enabled ?? true}
            onChange={(typed) => set({ enabled: typed.currentTarget.checked })}
            disabled={readOnly}
          />
          {!readOnly && (
            <ActionIcon
              variant="subtle"
              color="red"
              size="lg"
              aria-label={`Remove ${filter.title || `filter ${number}`}`}
              onClick={onRemove}
            >
              <IconTrash size={16} />
            </ActionIcon>
          )}
        </Group>
        {isForeign ? (
          <Foreign filter={filter} onChange={onChange} readOnly={readOnly} />
        ) : (
          <Select
            label="Action"
            description={VERBS[filter.action ?? "drop"].about}
            data={Object.entries(VERBS).map(([value, { label }]) => ({ value, label }))}
            value={filter.action ?? null}
            onChange={(verb) => onChange(withVerb(filter, verb as Verb))}
            allowDeselect={false}
            error={other}
            readOnly={readOnly}
          />
        )}
        <Radio.Group
          label="Applies to"
          value={isAll ? "all" : "some"}
          onChange={(chosen) => set({ if: chosen === "all" ? "all" : "" })}
        >
          <Group mt={4}>
            <Radio value="some" label="Events that match a condition" disabled={readOnly} />
            <Radio value="all" label="All events" disabled={readOnly} />
          </Group>
        </Radio.Group>
        {!isAll && (
          <FqlEditor
            label="Condition"
            hideLabel
            value={filter.if}
            onChange={(text) => set({ if: text })}
            source={source}
            error={mistakes.if}
            readOnly={readOnly}
          />
        )}
        {filter.action === "sample" && (
          <Group grow align="flex-start">
            <NumberInput
              label="Sample rate"
              suffix=" %"
              min={0}
              max={100}
              decimalScale={2}
              value={filter.percent === null || filter.percent === undefined ? "" : filter.percent * 100}
              onChange={(written) => set({ percent: typeof written === "number" ? written / 100 : null })}
              error={mistakes.percent}
              readOnly={readOnly}
            />
            <TextInput
              label="Sample by"
              description="Events with the same value are kept or dropped together."
              placeholder="Each event separately"
              value={filter.path ?? ""}
              onChange={(typed) => set({ path: typed.currentTarget.value })}
              error={mistakes.path}
              readOnly={readOnly}
            />
          </Group>
        )}
        {(filter.action === "drop_properties" || filter.action === "allow_properties") && (
          <FieldsEditor
            fields={filter.fields ?? {}}
            onChange={(fields) => set({ fields })}
            event={event}
            mistake={mistakes.fields}
            readOnly={readOnly}
          />
        )}
      </Stack>
    </Paper>
  );
}

/** As Segment's Public API writes it, with several actions: kept as it is unless somebody takes it apart. */
function Foreign({ filter, onChange, readOnly }: Pick<Props, "filter" | "onChange" | "readOnly">) {
  return (
    <Alert color="blue" title="This filter has several actions">
      <Stack gap="xs">
        <Json value={filter.actions} label="Actions" />
        {!readOnly && (
          <Group>
            <Button
              size="xs"
              variant="default"
              onClick={() => onChange(withVerb({ ...filter, actions: [] }, "drop"))}
            >
              Replace
            </Button>
            <Text size="sm">with a filter of a single action.</Text>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

/** Without what only another verb needs. */
function withVerb(filter: Filter, verb: Verb): Filter {
  const { percent, path, fields, actions: _, ...others } = filter;
  if (verb === "sample") return { ...others, action: verb, percent: percent ?? 0.1, path: path ?? "" };
  if (verb === "drop_properties" || verb === "allow_properties")
    return { ...others, action: verb, fields: fields ?? { properties: [] } };
  return { ...others, action: verb };
}

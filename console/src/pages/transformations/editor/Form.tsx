/** What a transformation is about and what it does, as a form. */

import {
  Alert,
  Button,
  Menu,
  MultiSelect,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { $api, type Problem } from "~/api/client";
import { FqlEditor } from "~/components/FqlEditor";
import { Problems } from "~/components/states";
import { CHANGES, type ChangeKey, type Draft, EMPTY, has } from "../model/draft";
import { Change, TITLES } from "./Change";

const LISTED = 1_000;

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
  problems: Problem[];
  readOnly: boolean;
}

export function Form(props: Props) {
  return (
    <Stack gap="md">
      <Fields {...props} />
      <Untold problems={props.problems} draft={props.draft} />
    </Stack>
  );
}

function Fields({ draft, onChange, problems, readOnly }: Props) {
  const [added, setAdded] = useState<ChangeKey[]>([]);
  const set = (part: Partial<Draft>) => onChange({ ...draft, ...part });
  const shown = CHANGES.filter((key) => has(draft, key) || added.includes(key));
  const mistake = (path: string) => problems.find((problem) => problem.path === path)?.message;

  return (
    <>
      <Paper p="md">
        <Stack gap="sm">
          <TextInput
            label="Name"
            value={draft.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            error={mistake("name")}
            readOnly={readOnly}
            required
          />
          <Textarea
            label="Description"
            value={draft.description}
            onChange={(event) => set({ description: event.currentTarget.value })}
            autosize
            minRows={1}
            readOnly={readOnly}
          />
          <Scope draft={draft} set={set} problems={problems} readOnly={readOnly} />
          <Switch
            label="Enabled"
            description={
              draft.enabled ? undefined : "You can preview it here; it does nothing until it is on"
            }
            checked={draft.enabled}
            onChange={(event) => set({ enabled: event.currentTarget.checked })}
            disabled={readOnly}
          />
        </Stack>
      </Paper>
      <Paper p="md">
        <FqlEditor
          label="Condition"
          description="An FQL expression. Leave empty to match every event."
          value={draft.if}
          onChange={(next) => set({ if: next })}
          source={draft.sources.length === 1 ? draft.sources[0] : undefined}
          error={mistake("if")}
          readOnly={readOnly}
          multiline
        />
      </Paper>
      {shown.map((key) => (
        <Change
          key={key}
          of={key}
          draft={draft}
          set={set}
          problems={problems}
          readOnly={readOnly}
          onRemove={() => {
            setAdded(added.filter((each) => each !== key));
            set({ [key]: EMPTY[key] });
          }}
        />
      ))}
      {!readOnly && !draft.drop && (
        <Menu position="bottom-start" withinPortal>
          <Menu.Target>
            <Button variant="default" leftSection={<IconPlus size={16} />}>
              Add a change
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {CHANGES.filter((key) => !shown.includes(key) && (key !== "drop" || shown.length === 0)).map(
              (key) => (
                <Menu.Item
                  key={key}
                  onClick={() => (key === "drop" ? set({ drop: true }) : setAdded([...added, key]))}
                >
                  <Text size="sm">{TITLES[key].title}</Text>
                  <Text size="xs" c="dimmed">
                    {TITLES[key].about}
                  </Text>
                </Menu.Item>
              ),
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      {shown.length === 0 && (
        <Text size="sm" c="dimmed">
          No changes yet. Add at least one.
        </Text>
      )}
    </>
  );
}

interface ScopeProps {
  draft: Draft;
  set: (part: Partial<Draft>) => void;
  problems: Problem[];
  readOnly: boolean;
}

function Scope({ draft, set, problems, readOnly }: ScopeProps) {
  const sources = $api.useQuery("get", "/api/v1/sources", { params: { query: { limit: LISTED } } });
  const destinations = $api.useQuery("get", "/api/v1/destinations", { params: { query: { limit: LISTED } } });
  const names = (data: { data: { name: string }[] } | undefined) => data?.data.map((each) => each.name) ?? [];
  const mistake = (path: string) => problems.find((problem) => problem.path.startsWith(path))?.message;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      <Select
        label="Applies to"
        description={draft.destination ? "Just before sending" : "Before events are stored"}
        data={[
          { value: "", label: "Everyone" },
          ...names(destinations.data).map((name) => ({ value: name, label: `Only ${name}` })),
        ]}
        value={draft.destination}
        onChange={(next) => set({ destination: next ?? "" })}
        allowDeselect={false}
        error={mistake("destination")}
        readOnly={readOnly}
      />
      <MultiSelect
        label="Sources"
        description="Leave empty for all sources"
        data={names(sources.data)}
        value={draft.sources}
        onChange={(next) => set({ sources: next })}
        placeholder={draft.sources.length ? undefined : "All sources"}
        error={mistake("sources")}
        readOnly={readOnly}
      />
    </SimpleGrid>
  );
}

/** Mistakes that no field has told. */
function Untold({ problems, draft }: { problems: Problem[]; draft: Draft }) {
  const told = ["name", "if", "destination", "sources"];
  const untold = problems.filter(
    ({ path }) =>
      !told.some((field) => path.startsWith(field)) &&
      !CHANGES.some((key) => path.startsWith(key) && has(draft, key)),
  );
  if (untold.length === 0) return null;
  return (
    <Alert color="red" title="Fix these errors to save" role="alert">
      <Problems problems={untold} />
    </Alert>
  );
}

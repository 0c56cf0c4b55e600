/** What a transformation is about and what it does: as a form, or as the JSON of the workspace file. */

import {
  Alert,
  Button,
  Group,
  Menu,
  MultiSelect,
  Paper,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
  Title,
} from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { $api, type Problem } from "~/api/client";
import { useMay } from "~/api/session";
import { FqlEditor } from "~/components/FqlEditor";
import { Problems } from "~/components/states";
import { CHANGES, type ChangeKey, type Draft, EMPTY, has } from "../model/draft";
import { Change, TITLES } from "./Change";
import { DefinitionText } from "./DefinitionText";

const LISTED = 1_000;

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
  problems: Problem[];
}

export function Form({ draft, onChange, problems }: Props) {
  const { view = "form" } = useSearch({ strict: false }) as { view?: "form" | "json" };
  const navigate = useNavigate();
  const readOnly = !useMay("editor");
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Title order={2} size="h4">
          What it does
        </Title>
        <SegmentedControl
          aria-label="How it is shown"
          size="xs"
          data={[
            { value: "form", label: "Form" },
            { value: "json", label: "JSON" },
          ]}
          value={view}
          onChange={(next) =>
            navigate({
              to: ".",
              search: ((now: object) => ({ ...now, view: next === "json" ? "json" : undefined })) as never,
              replace: true,
            })
          }
        />
      </Group>
      {view === "json" ? (
        <DefinitionText draft={draft} onChange={onChange} readOnly={readOnly} />
      ) : (
        <Fields draft={draft} onChange={onChange} problems={problems} readOnly={readOnly} />
      )}
      <Untold problems={problems} draft={draft} isJson={view === "json"} />
    </Stack>
  );
}

function Fields({ draft, onChange, problems, readOnly }: Props & { readOnly: boolean }) {
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
            label="It is applied"
            description={draft.enabled ? undefined : "Off: it can be tried here, and does nothing"}
            checked={draft.enabled}
            onChange={(event) => set({ enabled: event.currentTarget.checked })}
            disabled={readOnly}
          />
        </Stack>
      </Paper>
      <Paper p="md">
        <FqlEditor
          label="If"
          description="Which events, in FQL; empty: every one"
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
          It does nothing yet. Add what becomes of such events.
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
        label="For"
        description={
          draft.destination
            ? "Just before it is sent there; what is stored stays whole"
            : "Before events are stored: nobody sees what was before"
        }
        data={[
          { value: "", label: "everyone" },
          ...names(destinations.data).map((name) => ({ value: name, label: `only ${name}` })),
        ]}
        value={draft.destination}
        onChange={(next) => set({ destination: next ?? "" })}
        allowDeselect={false}
        error={mistake("destination")}
        readOnly={readOnly}
      />
      <MultiSelect
        label="Of the sources"
        description="None chosen: of all of them"
        data={names(sources.data)}
        value={draft.sources}
        onChange={(next) => set({ sources: next })}
        placeholder={draft.sources.length ? undefined : "all"}
        error={mistake("sources")}
        readOnly={readOnly}
      />
    </SimpleGrid>
  );
}

/** Mistakes that no field has told. */
function Untold({ problems, draft, isJson }: { problems: Problem[]; draft: Draft; isJson: boolean }) {
  const told = ["name", "if", "destination", "sources"];
  const untold = isJson
    ? problems
    : problems.filter(
        ({ path }) =>
          !told.some((field) => path.startsWith(field)) &&
          !CHANGES.some((key) => path.startsWith(key) && has(draft, key)),
      );
  if (untold.length === 0) return null;
  return (
    <Alert color="red" title="Not yet" role="alert">
      <Problems problems={untold} />
    </Alert>
  );
}

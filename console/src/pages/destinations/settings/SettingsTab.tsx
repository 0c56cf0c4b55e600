/** How a destination is set: its form, what it gets, its pace; and the end of it. */

import {
  Button,
  Group,
  NumberInput,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "~/api/client";
import type { DestinationDetail, Impact, TypeShape } from "~/api/schema";
import { useMay } from "~/api/session";
import { confirm } from "~/components/confirm";
import { consequencesOf } from "~/components/impact";
import { May } from "~/components/May";
import { SchemaForm, saidOf } from "~/components/SchemaForm";
import { ConnectionTest } from "../ConnectionTest";
import { SaveBar } from "../SaveBar";
import { SourcesChoice } from "../SourcesChoice";
import { byPath, type Draft, useDraft } from "../useDraft";

interface Props {
  detail: DestinationDetail;
  type: TypeShape;
}

export default function SettingsTab({ detail, type }: Props) {
  const draft = useDraft(detail);
  const navigate = useNavigate();
  const may = useMay("editor");
  const [told, setTold] = useState<{ path: string; message: string }[]>([]);
  const problems = [...draft.problems, ...told];
  const mistakes = byPath(problems);
  const { value } = draft;
  const set: Draft["set"] = (change) => {
    setTold([]);
    draft.set(change);
  };
  return (
    <>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: "start" }}>
        <Stack>
          <Paper p="lg">
            <Stack>
              <Title order={2} size="h4">
                Settings
              </Title>
              <TextInput
                label="Name"
                description="With another name delivery takes it for a new destination: it gets what comes after that."
                value={value.name}
                onChange={(event) => set({ name: event.currentTarget.value })}
                error={mistakes.name}
                readOnly={!may}
                maxLength={64}
              />
              <SchemaForm
                schema={type.settings}
                value={value.settings}
                onChange={(settings) => set({ settings })}
                mistakes={saidOf(problems)}
                readOnly={!may}
              />
              <ConnectionTest
                destination={value}
                storedName={detail.destination.name}
                canTest={type.can_test}
                onWrong={setTold}
              />
            </Stack>
          </Paper>
          <SourcesChoice
            sources={value.sources}
            onChange={(sources) => set({ sources })}
            mistake={mistakes.sources}
            readOnly={!may}
          />
        </Stack>
        <Stack>
          <Paper p="lg">
            <Stack>
              <Title order={2} size="h4">
                What it may get
              </Title>
              <Switch
                label="Send events to it"
                description="Switched off it keeps its place, and catches up when it is enabled again."
                checked={value.enabled}
                onChange={(event) => set({ enabled: event.currentTarget.checked })}
                disabled={!may}
              />
              <TagsInput
                label="Consent"
                description="Categories a person must have consented to, all of them. Events that say nothing about consent pass."
                placeholder={value.consent.length ? undefined : "none is needed"}
                acceptValueOnBlur
                value={value.consent}
                onChange={(consent) => set({ consent })}
                error={mistakes.consent}
                readOnly={!may}
              />
              <TextInput
                label="Takes each person once, by"
                description="A type of external id: then an audience tells each person once and only once. Empty: it takes every call."
                placeholder={type.dedupes_on || "every call"}
                value={value.dedupes_on ?? ""}
                onChange={(event) =>
                  set({ dedupes_on: event.currentTarget.value || (type.dedupes_on ? "" : null) })
                }
                error={mistakes.dedupes_on}
                readOnly={!may}
              />
              <Select
                label="Order"
                description="Whether a person's later events wait behind a failing one."
                data={[
                  {
                    value: "type",
                    label: `As the type says: ${type.strict_order ? "they wait" : "they do not wait"}`,
                  },
                  { value: "strict", label: "They wait" },
                  { value: "loose", label: "They do not wait" },
                ]}
                value={value.strict_order === null ? "type" : value.strict_order ? "strict" : "loose"}
                onChange={(chosen) => set({ strict_order: chosen === "type" ? null : chosen === "strict" })}
                allowDeselect={false}
                readOnly={!may}
              />
            </Stack>
          </Paper>
          <Pace draft={{ ...draft, set }} mistakes={mistakes} readOnly={!may} />
          <End detail={detail} />
        </Stack>
      </SimpleGrid>
      <SaveBar
        draft={draft}
        notes={notesOn(detail, draft)}
        onSaved={() => {
          if (value.name !== detail.destination.name)
            void navigate({
              to: "/destinations/$name",
              params: { name: value.name },
              search: { tab: "settings" },
            });
        }}
      />
    </>
  );
}

/** What follows that no path says. */
function notesOn(detail: DestinationDetail, { value }: Draft): string[] {
  const notes: string[] = [];
  if (value.name !== detail.destination.name)
    notes.push("What waits to be tried again under the old name becomes dead letters.");
  if (value.enabled && detail.destination.enabled === false)
    notes.push("It catches up on what has come since it was switched off.");
  if (!value.enabled && detail.destination.enabled !== false)
    notes.push("From now on its events wait in the log.");
  return notes;
}

interface PaceProps {
  draft: Draft;
  mistakes: Record<string, string>;
  readOnly: boolean;
}

function Pace({ draft, mistakes, readOnly }: PaceProps) {
  const { pace, retry } = draft.value;
  const number = (written: number | string) => (typeof written === "number" ? written : null);
  const duration = (name: "window_s" | "base_s" | "delay_max_s", written: number | string) => {
    const { [name]: _, ...others } = retry;
    draft.set({ retry: typeof written === "number" ? { ...others, [name]: written } : others });
  };
  return (
    <Paper p="lg">
      <Stack>
        <Title order={2} size="h4">
          Pace and retries
        </Title>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <NumberInput
            label="Requests a second"
            placeholder="as the type says"
            min={0}
            value={pace.per_s ?? ""}
            onChange={(written) => draft.set({ pace: { ...pace, per_s: number(written) } })}
            error={mistakes["pace.per_s"]}
            readOnly={readOnly}
          />
          <NumberInput
            label="Requests at once"
            placeholder="adapts by itself"
            min={1}
            allowDecimal={false}
            value={pace.concurrency ?? ""}
            onChange={(written) => draft.set({ pace: { ...pace, concurrency: number(written) } })}
            error={mistakes["pace.concurrency"]}
            readOnly={readOnly}
          />
          <NumberInput
            label="Try again for (seconds)"
            description="After the first failure; 0: never."
            placeholder="14,400 (4 hours)"
            min={0}
            allowDecimal={false}
            thousandSeparator=","
            value={retry.window_s ?? ""}
            onChange={(written) => duration("window_s", written)}
            error={mistakes["retry.window_s"]}
            readOnly={readOnly}
          />
          <NumberInput
            label="Longest first pause (seconds)"
            description="It doubles with each failure."
            placeholder="1"
            min={0}
            value={retry.base_s ?? ""}
            onChange={(written) => duration("base_s", written)}
            error={mistakes["retry.base_s"]}
            readOnly={readOnly}
          />
          <NumberInput
            label="Longest pause (seconds)"
            placeholder="600"
            min={0}
            thousandSeparator=","
            value={retry.delay_max_s ?? ""}
            onChange={(written) => duration("delay_max_s", written)}
            error={mistakes["retry.delay_max_s"]}
            readOnly={readOnly}
          />
        </SimpleGrid>
      </Stack>
    </Paper>
  );
}

function End({ detail }: { detail: DestinationDetail }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { name } = detail.destination;
  const path = { name };
  const ask = () =>
    confirm({
      title: `Delete ${name}?`,
      children: "It is removed from the workspace, as a new version; the page History leads back.",
      consequences: async () => {
        const { data } = await api.GET("/api/v1/destinations/{name}/impact", { params: { path } });
        return consequencesOf(data as Impact);
      },
      confirm: "Delete the destination",
      typed: name,
      act: async () => {
        await api.DELETE("/api/v1/destinations/{name}", {
          params: { path, query: { version: detail.version, leave_out: true } },
        });
        notifications.show({ message: `${name} is deleted.` });
        await navigate({ to: "/destinations" });
        await queries.invalidateQueries();
      },
    });
  return (
    <Paper p="lg" bd="1px solid var(--mantine-color-error)">
      <Title order={2} size="h4" mb="xs">
        Delete this destination
      </Title>
      <Group justify="space-between">
        <Text size="sm">
          What it has delivered stays where it is. The numbers are shown before anything happens.
        </Text>
        <May role="editor">
          <Button color="red" variant="light" onClick={ask}>
            Delete …
          </Button>
        </May>
      </Group>
    </Paper>
  );
}

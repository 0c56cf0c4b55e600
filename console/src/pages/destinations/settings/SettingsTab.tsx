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
                description="A renamed destination counts as a new one: it receives only events from then on."
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
                Delivery
              </Title>
              <Switch
                label="Enabled"
                description="While off, events are queued. They are sent when you enable it again."
                checked={value.enabled}
                onChange={(event) => set({ enabled: event.currentTarget.checked })}
                disabled={!may}
              />
              <TagsInput
                label="Required consent"
                description="Consent categories a person must have agreed to, all of them. Events without consent information pass."
                placeholder={value.consent.length ? undefined : "None"}
                acceptValueOnBlur
                value={value.consent}
                onChange={(consent) => set({ consent })}
                error={mistakes.consent}
                readOnly={!may}
              />
              <TextInput
                label="Deduplicate people by"
                description="An external ID type, such as email. Each person of an audience is then sent only once. Leave empty to send every call."
                placeholder={type.dedupes_on || "Send every call"}
                value={value.dedupes_on ?? ""}
                onChange={(event) =>
                  set({ dedupes_on: event.currentTarget.value || (type.dedupes_on ? "" : null) })
                }
                error={mistakes.dedupes_on}
                readOnly={!may}
              />
              <Select
                label="Ordering"
                description="What happens to a person's later events while one of theirs is being retried."
                data={[
                  {
                    value: "type",
                    label: `Default: ${type.strict_order ? "wait" : "do not wait"}`,
                  },
                  { value: "strict", label: "Wait, to keep the order" },
                  { value: "loose", label: "Do not wait" },
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
    notes.push("Events being retried under the old name become dead letters.");
  if (value.enabled && detail.destination.enabled === false)
    notes.push("It catches up on events that arrived while it was off.");
  if (!value.enabled && detail.destination.enabled !== false)
    notes.push("Its events are queued from now on.");
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
          Rate limits and retries
        </Title>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <NumberInput
            label="Requests per second"
            placeholder="Default of this type"
            min={0}
            value={pace.per_s ?? ""}
            onChange={(written) => draft.set({ pace: { ...pace, per_s: number(written) } })}
            error={mistakes["pace.per_s"]}
            readOnly={readOnly}
          />
          <NumberInput
            label="Concurrent requests"
            placeholder="Automatic"
            min={1}
            allowDecimal={false}
            value={pace.concurrency ?? ""}
            onChange={(written) => draft.set({ pace: { ...pace, concurrency: number(written) } })}
            error={mistakes["pace.concurrency"]}
            readOnly={readOnly}
          />
          <NumberInput
            label="Retry for (seconds)"
            description="After the first failure. 0 turns retries off."
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
            label="First retry after (seconds)"
            description="At most. Doubles with each failure."
            placeholder="1"
            min={0}
            value={retry.base_s ?? ""}
            onChange={(written) => duration("base_s", written)}
            error={mistakes["retry.base_s"]}
            readOnly={readOnly}
          />
          <NumberInput
            label="Longest wait between retries (seconds)"
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
      children: "It is removed from the workspace. You can roll back on the History page.",
      consequences: async () => {
        const { data } = await api.GET("/api/v1/destinations/{name}/impact", { params: { path } });
        return consequencesOf(data as Impact);
      },
      confirm: "Delete destination",
      typed: name,
      act: async () => {
        await api.DELETE("/api/v1/destinations/{name}", {
          params: { path, query: { version: detail.version, leave_out: true } },
        });
        notifications.show({ message: `${name} deleted.` });
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
          Data already delivered is not affected. You will see what depends on it before you confirm.
        </Text>
        <May role="editor">
          <Button color="red" variant="light" onClick={ask}>
            Delete
          </Button>
        </May>
      </Group>
    </Paper>
  );
}

/** What one may change about a source: a form that is reviewed before it is saved, a new key, the end of it. */

import {
  Alert,
  Button,
  Group,
  NumberInput,
  Paper,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type ApiError, api } from "~/api/client";
import type { Impact, NewWriteKey, SourceDetail } from "~/api/schema";
import { useMay } from "~/api/session";
import { confirm } from "~/components/confirm";
import { consequencesOf } from "~/components/impact";
import { May } from "~/components/May";
import { review } from "~/components/review";
import { useUnsaved } from "~/components/useUnsaved";
import { ControlsForm } from "./ControlsForm";
import { isType, KINDS, TYPES } from "./kinds";
import { OAuthClients } from "./OAuthClients";
import { put, type WholeSource, whole, withSchema } from "./source";

export default function SourceSettings({ detail }: { detail: SourceDetail }) {
  return (
    <Stack maw={820}>
      <Form detail={detail} />
      <Key detail={detail} />
      <End detail={detail} />
    </Stack>
  );
}

function Form({ detail }: { detail: SourceDetail }) {
  const stored = whole(detail.source);
  const [base, setBase] = useState(stored);
  const [form, setForm] = useState(stored);
  const [mistakes, setMistakes] = useState<Record<string, string>>({});
  const navigate = useNavigate();
  const may = useMay("editor");
  const isChanged = JSON.stringify(form) !== JSON.stringify(base);
  useUnsaved(isChanged);
  // Somebody else has changed this source while the form was open.
  const isOvertaken = JSON.stringify(stored) !== JSON.stringify(base);
  if (isOvertaken && !isChanged) {
    setBase(stored);
    setForm(stored);
  }
  const set = (change: Partial<WholeSource>) => setForm({ ...form, ...change });
  const reset = () => {
    setBase(stored);
    setForm(stored);
    setMistakes({});
  };

  function save() {
    setMistakes({});
    review({
      title: `Save ${form.name}`,
      notes: notesOn(base, form),
      ask: put(detail, form),
      onWrong: (error) => setMistakes(byPath(error)),
      onSaved: () => {
        setBase(form);
        if (form.name !== base.name)
          void navigate({
            to: "/sources/$name",
            params: { name: form.name },
            search: { tab: "settings" },
            ignoreBlocker: true,
          });
      },
    });
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Stack>
        {isOvertaken && isChanged && (
          <Alert color="yellow" title="Somebody else has changed this source">
            <Group justify="space-between">
              What you have written is not saved, and starts from how it was before.
              <Button size="xs" variant="default" onClick={reset}>
                Show how it is now
              </Button>
            </Group>
          </Alert>
        )}
        <Paper p="md">
          <Stack>
            <Switch
              label="Enabled"
              description="When off, events from this source are accepted but not stored."
              checked={form.enabled}
              onChange={(event) => set({ enabled: event.currentTarget.checked })}
              disabled={!may}
            />
            <TextInput
              label="Name"
              value={form.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
              error={mistakes.name}
              readOnly={!may}
              maxLength={64}
              maw={420}
            />
            <Select
              label="Type"
              description="All types except Server and HTTP are client-side: their events get the sender’s IP address."
              data={TYPES.map((type) => ({ value: type, label: KINDS[type].label }))}
              value={form.type}
              onChange={(type) => isType(type ?? undefined) && set({ type: type as WholeSource["type"] })}
              allowDeselect={false}
              readOnly={!may}
              maw={420}
            />
            <NumberInput
              label="Rate limit"
              description="Requests per second. Senders above the limit are asked to retry later. Leave empty for no limit."
              value={form.rate_limit ?? ""}
              onChange={(value) => set({ rate_limit: typeof value === "number" ? value : null })}
              error={mistakes.rate_limit}
              min={0}
              readOnly={!may}
              maw={420}
            />
          </Stack>
        </Paper>
        <Paper p="md">
          <Title order={2} size="h5" mb="sm">
            Allowed calls
          </Title>
          <Stack gap="sm">
            <Switch
              label="Page calls"
              checked={!form.schema.block_pages}
              onChange={(event) => setForm(withSchema(form, { block_pages: !event.currentTarget.checked }))}
              disabled={!may}
            />
            <Switch
              label="Screen calls"
              checked={!form.schema.block_screens}
              onChange={(event) => setForm(withSchema(form, { block_screens: !event.currentTarget.checked }))}
              disabled={!may}
            />
            <Text size="sm" c="dimmed">
              Block single events and traits on the Schema tab.
            </Text>
          </Stack>
        </Paper>
        {form.tracking_plan && (
          <ControlsForm
            plan={form.tracking_plan}
            value={form.controls}
            onChange={(controls) => set({ controls })}
            readOnly={!may}
            mistakes={mistakes}
          />
        )}
        <OAuthClients
          value={form.oauth_clients}
          onChange={(oauth_clients) => set({ oauth_clients })}
          readOnly={!may}
          mistakes={mistakes}
        />
        <Group>
          <May role="editor">
            <Button type="submit" disabled={!isChanged}>
              Review and save
            </Button>
          </May>
          {isChanged && (
            <Button variant="default" onClick={reset}>
              Discard changes
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

function notesOn(before: WholeSource, after: WholeSource): string[] {
  return [
    ...(before.name !== after.name
      ? [`Events received so far keep the name ${before.name} in SQL, receipts and the schema.`]
      : []),
    ...(before.enabled && !after.enabled ? ["New events from this source are discarded."] : []),
    ...(before.oauth_clients.length === 0 && after.oauth_clients.length > 0
      ? ["The write key alone is no longer enough: requests need a token from one of these clients."]
      : []),
  ];
}

/** "controls.identify.…" → its message. */
function byPath(error: ApiError): Record<string, string> {
  return Object.fromEntries(error.problems.map((problem) => [problem.path, problem.message]));
}

function Key({ detail }: { detail: SourceDetail }) {
  const { name } = detail.source;
  const queries = useQueryClient();
  const ask = () =>
    confirm({
      title: `Rotate the write key of ${name}`,
      children: "The old key stops working immediately.",
      consequences: async () => [
        "Events still sent with the old key are answered with 200, counted as unknown_write_key, and lost.",
        detail.last_seen
          ? `The key is in use: ${detail.last_24_hours.accepted.toLocaleString()} events were accepted in the last 24 hours.`
          : "The key has never been used.",
      ],
      confirm: "Rotate key",
      act: async () => {
        const { data } = await api.POST("/api/v1/sources/{name}/write-key", {
          params: { path: { name }, query: { version: detail.version } },
        });
        await queries.invalidateQueries();
        notifications.show({
          message: `The new write key is ${(data as NewWriteKey).write_key}.`,
          color: "green",
        });
      },
    });
  return (
    <Paper p="md">
      <Group justify="space-between">
        <div>
          <Title order={2} size="h5">
            Write key
          </Title>
          <Text size="sm" c="dimmed">
            Only allows sending events. Rotate it if someone misuses it.
          </Text>
        </div>
        <May role="editor">
          <Button variant="default" onClick={ask}>
            Rotate key
          </Button>
        </May>
      </Group>
    </Paper>
  );
}

function End({ detail }: { detail: SourceDetail }) {
  const { name } = detail.source;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const ask = () =>
    confirm({
      title: `Delete ${name}`,
      children: `${name} is removed from the workspace. You can restore it, with its key, from History.`,
      consequences: async () => {
        const { data } = await api.GET("/api/v1/sources/{name}/impact", { params: { path: { name } } });
        return consequencesOf(data as Impact);
      },
      confirm: "Delete source",
      typed: name,
      act: async () => {
        await api.DELETE("/api/v1/sources/{name}", {
          params: { path: { name }, query: { version: detail.version, leave_out: true } },
        });
        await navigate({ to: "/sources", ignoreBlocker: true });
        await queries.invalidateQueries();
        notifications.show({ message: `Deleted ${name}.`, color: "green" });
      },
    });
  return (
    <Paper p="md">
      <Group justify="space-between">
        <div>
          <Title order={2} size="h5">
            Delete source
          </Title>
          <Text size="sm" c="dimmed">
            Stored events are kept; new events are rejected.
          </Text>
        </div>
        <May role="editor">
          <Button color="red" variant="light" onClick={ask}>
            Delete source
          </Button>
        </May>
      </Group>
    </Paper>
  );
}

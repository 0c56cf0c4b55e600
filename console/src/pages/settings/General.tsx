/** Name and tier of the workspace, and its settings in groups. */

import { Button, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { $api, api } from "~/api/client";
import type { Applied, Field, Settings, SettingsDetail } from "~/api/schema";
import { useMay } from "~/api/session";
import { May } from "~/components/May";
import { review } from "~/components/review";
import { Loaded } from "~/components/states";
import { useUnsaved } from "~/components/useUnsaved";
import { FieldInput } from "./FieldInput";
import { useFields } from "./useFields";

interface FieldGroup {
  title: string;
  names: string[];
  labels?: Record<string, string>;
}

const GROUPS: FieldGroup[] = [
  {
    title: "Addresses",
    names: ["public_url", "trusted_proxies", "enable_redirect_hosts"],
    labels: { public_url: "Public address", enable_redirect_hosts: "Partners of the enable flow" },
  },
  {
    title: "What is kept, and how long",
    names: ["log_retention_s", "log_retention_bytes", "receipt_retention_s", "receipt_retention_bytes"],
    labels: {
      log_retention_s: "Log, at most so long",
      log_retention_bytes: "Log, at most so much",
      receipt_retention_s: "Receipts, at most so long",
      receipt_retention_bytes: "Receipts, at most so much",
    },
  },
  {
    title: "Events",
    names: ["dedupe_window_s", "lake_visible_s", "schema_discovery"],
    labels: {
      dedupe_window_s: "Window for duplicates",
      lake_visible_s: "Visible in the lake after",
      schema_discovery: "Note names and types",
    },
  },
  {
    title: "Development",
    names: ["allow_private_destinations"],
    labels: { allow_private_destinations: "Private destinations" },
  },
];

export function General() {
  const query = $api.useQuery("get", "/api/v1/settings");
  return (
    <Loaded query={query}>
      {(detail) => (
        <Stack maw={820}>
          <Names key={`${detail.workspace} ${detail.tier}`} detail={detail} />
          <Form detail={detail} />
        </Stack>
      )}
    </Loaded>
  );
}

function Names({ detail }: { detail: SettingsDetail }) {
  const [name, setName] = useState(detail.workspace);
  const [tier, setTier] = useState(detail.tier);
  const may = useMay("editor");
  const query = (how: { dry_run: boolean; note: string | null }) => ({ version: detail.version, ...how });
  const rename = () =>
    review({
      title: "Rename the workspace",
      notes: [
        "Ids that destinations know it by follow from its name: those of its space, its audiences and its traits will be others.",
      ],
      ask: async (how) => {
        const options = { params: { query: query(how) }, body: { workspace: name.trim() } };
        return (await api.PUT("/api/v1/settings/name", options)).data as Applied;
      },
    });
  const retier = () =>
    review({
      title: "Another tier",
      notes: ["Flags that are limited to tiers go on or off with it, at once."],
      ask: async (how) => {
        const options = { params: { query: query(how) }, body: { tier: tier.trim() } };
        return (await api.PUT("/api/v1/settings/tier", options)).data as Applied;
      },
    });
  return (
    <Paper p="md">
      <Title order={2} size="h5" mb="sm">
        Workspace
      </Title>
      <Stack>
        <Line label="Name" about="For people: it stands at the top of this console.">
          <TextInput
            aria-label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            readOnly={!may}
            maxLength={64}
            flex={1}
          />
          <May role="editor">
            <Button
              variant="default"
              disabled={name.trim() === detail.workspace || !name.trim()}
              onClick={rename}
            >
              Rename
            </Button>
          </May>
        </Line>
        <Line label="Tier" about="What flags may be limited to; means nothing by itself.">
          <TextInput
            aria-label="Tier"
            value={tier}
            onChange={(event) => setTier(event.currentTarget.value)}
            readOnly={!may}
            placeholder="none"
            flex={1}
          />
          <May role="editor">
            <Button variant="default" disabled={tier.trim() === detail.tier} onClick={retier}>
              Change
            </Button>
          </May>
        </Line>
      </Stack>
    </Paper>
  );
}

function Line({ label, about, children }: { label: string; about: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="sm" fw={500}>
        {label}
      </Text>
      <Text size="xs" c="dimmed" mb={6}>
        {about}
      </Text>
      <Group gap="xs" maw="32rem" wrap="nowrap">
        {children}
      </Group>
    </div>
  );
}

function Form({ detail }: { detail: SettingsDetail }) {
  const form = useFields(detail.fields);
  useUnsaved(form.isChanged);
  const may = useMay("editor");
  const known = new Map(detail.fields.map((field) => [field.name, field]));
  const grouped = new Set(GROUPS.flatMap((group) => group.names));
  const others = detail.fields.filter((field) => !grouped.has(field.name)).map((field) => field.name);
  const groups = others.length > 0 ? [...GROUPS, { title: "More", names: others }] : GROUPS;

  const save = () =>
    review({
      title: "Save the settings",
      notes: ["Running roles take them over at once."],
      ask: async (how) => {
        const params = { query: { version: detail.version, ...how } };
        return (await api.PUT("/api/v1/settings", { params, body: form.body() as Settings })).data as Applied;
      },
      onWrong: form.wrong,
      onSaved: form.reset,
    });

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Stack>
        {groups.map((group) => (
          <Paper key={group.title} p="md">
            <Title order={2} size="h5" mb="sm">
              {group.title}
            </Title>
            <Stack gap="lg">
              {group.names
                .map((name) => known.get(name))
                .filter((field): field is Field => field !== undefined)
                .map((field) => (
                  <FieldInput
                    key={field.name}
                    field={field}
                    label={"labels" in group ? group.labels?.[field.name] : undefined}
                    value={form.value(field)}
                    onChange={(value) => form.set(field.name, value)}
                    mistake={form.mistakes[field.name]}
                    readOnly={!may}
                  />
                ))}
            </Stack>
          </Paper>
        ))}
        <Group>
          <May role="editor">
            <Button type="submit" disabled={!form.isChanged}>
              Review and save
            </Button>
          </May>
          {form.isChanged && (
            <Button variant="default" onClick={form.reset}>
              Discard
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** Name and tier of the workspace, and its settings in groups. */

import { Button, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { $api, api } from "~/api/client";
import type { Applied, Field, Settings, SettingsDetail } from "~/api/schema";
import { useMay } from "~/api/session";
import { May } from "~/components/May";
import { review } from "~/components/review";
import { SaveBar } from "~/components/SaveBar";
import { Loaded } from "~/components/states";
import { useUnsaved } from "~/components/useUnsaved";
import { changeInWords } from "./amounts";
import { FieldInput } from "./FieldInput";
import { useFields } from "./useFields";

interface FieldGroup {
  title: string;
  names: string[];
  labels?: Record<string, string>;
}

const GROUPS: FieldGroup[] = [
  {
    title: "Network",
    names: ["public_url", "trusted_proxies", "enable_redirect_hosts"],
    labels: { public_url: "Public URL", enable_redirect_hosts: "Partner hosts" },
  },
  {
    title: "Retention",
    names: ["log_retention_s", "log_retention_bytes", "receipt_retention_s", "receipt_retention_bytes"],
    labels: {
      log_retention_s: "Log retention",
      log_retention_bytes: "Log size limit",
      receipt_retention_s: "Receipt retention",
      receipt_retention_bytes: "Receipt size limit",
    },
  },
  {
    title: "Event processing",
    names: ["dedupe_window_s", "lake_visible_s", "schema_discovery"],
    labels: {
      dedupe_window_s: "Deduplication window",
      lake_visible_s: "Lake delay",
      schema_discovery: "Discover schemas",
    },
  },
  {
    title: "Development",
    names: ["allow_private_destinations"],
    labels: { allow_private_destinations: "Allow private destination addresses" },
  },
];

const LABELS = Object.assign({}, ...GROUPS.map((group) => group.labels)) as Record<string, string>;

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
        "Ids that destinations know it by are derived from its name: those of its space, audiences and traits will change.",
      ],
      ask: async (how) => {
        const options = { params: { query: query(how) }, body: { workspace: name.trim() } };
        return (await api.PUT("/api/v1/settings/name", options)).data as Applied;
      },
    });
  const retier = () =>
    review({
      title: "Change the tier",
      notes: ["Flags that are limited to tiers turn on or off at once."],
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
        <Line label="Name" about="Shown at the top of the console.">
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
        <Line label="Tier" about="Flags can be limited to tiers. A tier has no other effect.">
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
  const groups = others.length > 0 ? [...GROUPS, { title: "Other", names: others }] : GROUPS;

  const save = () =>
    review({
      title: "Save settings",
      inWords: changeInWords("settings", detail.fields, LABELS),
      notes: ["They take effect at once, without a restart."],
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
                    label={LABELS[field.name]}
                    value={form.value(field)}
                    onChange={(value) => form.set(field.name, value)}
                    mistake={form.mistakes[field.name]}
                    readOnly={!may}
                  />
                ))}
            </Stack>
          </Paper>
        ))}
        <SaveBar isChanged={form.isChanged} onDiscard={form.reset} />
      </Stack>
    </form>
  );
}

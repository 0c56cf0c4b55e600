/** Flags: what each does, for how many profiles it is on, and for which tiers. */

import {
  Anchor,
  Badge,
  Button,
  Code,
  Group,
  Paper,
  Slider,
  Stack,
  Switch,
  TagsInput,
  Text,
  Title,
} from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { $api, api } from "~/api/client";
import type { Applied, Flag, FlagLine, Flags } from "~/api/schema";
import { useMay } from "~/api/session";
import { May } from "~/components/May";
import { PageHeader } from "~/components/PageHeader";
import { Prose } from "~/components/Prose";
import { review } from "~/components/review";
import { Loaded } from "~/components/states";
import { useUnsaved } from "~/components/useUnsaved";
import { share } from "~/format/format";

export default function Page() {
  const query = $api.useQuery("get", "/api/v1/flags");
  return (
    <>
      <PageHeader
        title="Flags"
        description="Turn features on for everyone, a share of profiles, or some tiers. Changes take effect at once."
      />
      <Loaded query={query}>
        {(flags) => (
          <Stack maw={820}>
            <Text size="sm">
              {flags.tier ? `This workspace is in the tier ${flags.tier}. ` : "This workspace has no tier. "}
              <Anchor inherit underline="always" renderRoot={(props) => <Link to="/settings" {...props} />}>
                {flags.tier ? "Change it in the settings" : "Set one in the settings"}
              </Anchor>
            </Text>
            {flags.data.map((line) => (
              <FlagCard key={`${line.name} ${JSON.stringify(line.flag)}`} line={line} flags={flags} />
            ))}
          </Stack>
        )}
      </Loaded>
    </>
  );
}

const MARKS = [0, 25, 50, 75, 100].map((value) => ({ value, label: `${value}%` }));

function FlagCard({ line, flags }: { line: FlagLine; flags: Flags }) {
  const stored = whole(line);
  const [flag, setFlag] = useState(stored);
  const may = useMay("editor");
  const isChanged = JSON.stringify(flag) !== JSON.stringify(stored);
  useUnsaved(isChanged);
  const set = (change: Partial<Flag>) => setFlag({ ...flag, ...change });

  const save = () =>
    review({
      title: `Save ${titleOf(line)}`,
      notes: ["It applies to events from now on. The same percentage always selects the same profiles."],
      ask: async (how) => {
        const params = { path: { name: line.name }, query: { version: flags.version, ...how } };
        return (await api.PUT("/api/v1/flags/{name}", { params, body: flag })).data as Applied;
      },
    });
  const reset = () =>
    review({
      title: `Reset ${titleOf(line)}`,
      notes: [`Its default is ${line.on_by_default ? "on" : "off"} for everyone.`],
      ask: async (how) => {
        const params = { path: { name: line.name }, query: { version: flags.version, ...how } };
        return (await api.DELETE("/api/v1/flags/{name}", { params })).data as Applied;
      },
    });

  return (
    <Paper p="md">
      <Stack gap="lg">
        <Group justify="space-between" align="flex-start">
          <div style={{ flex: "1 1 18rem" }}>
            <Group gap="xs">
              <Title order={2} size="h5">
                {titleOf(line)}
              </Title>
              <Code>{line.name}</Code>
              <Badge color={line.percentage_now > 0 ? "green" : "gray"}>{now(line)}</Badge>
            </Group>
            <Text size="sm">
              <Prose>{line.description}</Prose>
            </Text>
            <Text size="sm" c="dimmed">
              {line.because}.
            </Text>
          </div>
          <Switch
            label={flag.enabled ? "On" : "Off"}
            aria-label={`Turn on ${titleOf(line)}`}
            checked={flag.enabled}
            onChange={(event) => set({ enabled: event.currentTarget.checked })}
            disabled={!may}
          />
        </Group>
        {flag.enabled && (
          <>
            <div>
              <Text size="sm" fw={500} id={`${line.name}-share`}>
                Rollout: {share(flag.percentage / 100)} of profiles
              </Text>
              <Slider
                mt={6}
                mb="md"
                value={flag.percentage}
                onChange={(percentage) => set({ percentage })}
                marks={MARKS}
                step={1}
                disabled={!may}
                label={(value) => `${value}%`}
                thumbProps={{ "aria-labelledby": `${line.name}-share` }}
                maw={520}
              />
            </div>
            <TagsInput
              label="Limit to tiers"
              description="Leave empty for workspaces of any tier."
              value={flag.tiers}
              onChange={(tiers) => set({ tiers })}
              readOnly={!may}
              acceptValueOnBlur
              placeholder={may ? "Type a tier and press Enter" : undefined}
              maw={520}
            />
          </>
        )}
        {isChanged ? (
          <Group>
            <May role="editor">
              <Button onClick={save}>Review and save</Button>
            </May>
            <Button variant="default" onClick={() => setFlag(stored)}>
              Discard
            </Button>
          </Group>
        ) : (
          line.flag && (
            <Group>
              <May role="editor">
                <Button variant="default" onClick={reset}>
                  Reset to default
                </Button>
              </May>
            </Group>
          )
        )}
      </Stack>
    </Paper>
  );
}

/** The API knows flags by their code. */
const TITLES: Record<string, string> = {
  dedupe_sync: "Deduplicated sync",
  shadow_sync: "Shadow sync",
};

function titleOf({ name }: FlagLine): string {
  return TITLES[name] ?? name;
}

/** As the workspace file would say it; what it leaves out is filled in, and the default when it says nothing. */
function whole(line: FlagLine): Flag {
  const { flag } = line;
  if (!flag) return { name: line.name, enabled: line.on_by_default, percentage: 100, tiers: [] };
  return {
    name: line.name,
    enabled: flag.enabled ?? true,
    percentage: flag.percentage ?? 100,
    tiers: flag.tiers ?? [],
  };
}

function now(line: FlagLine): string {
  if (line.percentage_now === 0) return "off";
  return line.percentage_now === 100 ? "on for everyone" : `on for ${share(line.percentage_now / 100)}`;
}

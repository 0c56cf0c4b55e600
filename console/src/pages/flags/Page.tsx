import {
  Anchor,
  Badge,
  Button,
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
        title="Flags and gates"
        description="How much of what is new is used: for everyone, for a part of the profiles, for some tiers. It changes while everything runs."
      />
      <Loaded query={query}>
        {(flags) => (
          <Stack maw={820}>
            <Text>
              {flags.tier ? `This workspace is of the tier ${flags.tier}. ` : "This workspace has no tier. "}
              <Anchor underline="always" renderRoot={(props) => <Link to="/settings" {...props} />}>
                Change it in the settings
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
      title: `Turn ${line.name}`,
      notes: [
        "It is in force for events from then on. For the same percentage it is always on for the same profiles.",
      ],
      ask: async (how) => {
        const params = { path: { name: line.name }, query: { version: flags.version, ...how } };
        return (await api.PUT("/api/v1/flags/{name}", { params, body: flag })).data as Applied;
      },
    });
  const reset = () =>
    review({
      title: `${line.name} as by default`,
      notes: [`By default it is ${line.on_by_default ? "on" : "off"} for everyone.`],
      ask: async (how) => {
        const params = { path: { name: line.name }, query: { version: flags.version, ...how } };
        return (await api.DELETE("/api/v1/flags/{name}", { params })).data as Applied;
      },
    });

  return (
    <Paper p="md">
      <Group justify="space-between" align="flex-start">
        <div style={{ flex: "1 1 18rem" }}>
          <Group gap="xs">
            <Title order={2} size="h5">
              {line.name}
            </Title>
            <Badge color={line.percentage_now > 0 ? "green" : "gray"}>{now(line)}</Badge>
          </Group>
          <Text size="sm">
            <Prose>{line.description}</Prose>
          </Text>
          <Text size="sm" c="dimmed">
            Now: {line.because}.
          </Text>
        </div>
        <Switch
          label={`Use ${line.name}`}
          checked={flag.enabled}
          onChange={(event) => set({ enabled: event.currentTarget.checked })}
          disabled={!may}
        />
      </Group>
      <Stack mt="md" gap="lg">
        <div>
          <Text size="sm" fw={500} id={`${line.name}-share`}>
            For {share(flag.percentage / 100)} of the profiles
          </Text>
          <Slider
            mt={6}
            mb="md"
            value={flag.percentage}
            onChange={(percentage) => set({ percentage })}
            marks={MARKS}
            step={1}
            disabled={!may || !flag.enabled}
            label={(value) => `${value}%`}
            thumbProps={{ "aria-labelledby": `${line.name}-share` }}
            maw={520}
          />
        </div>
        <TagsInput
          label="Only for these tiers"
          description="Empty: for workspaces of any tier."
          value={flag.tiers}
          onChange={(tiers) => set({ tiers })}
          readOnly={!may}
          disabled={!flag.enabled}
          acceptValueOnBlur
          placeholder={may ? "Type one and press Enter" : undefined}
          maw={520}
        />
        <Group>
          <May role="editor">
            <Button disabled={!isChanged} onClick={save}>
              Review and save
            </Button>
          </May>
          {isChanged && (
            <Button variant="default" onClick={() => setFlag(stored)}>
              Discard
            </Button>
          )}
          {line.flag && !isChanged && (
            <May role="editor">
              <Button variant="default" onClick={reset}>
                Back to the default
              </Button>
            </May>
          )}
        </Group>
      </Stack>
    </Paper>
  );
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

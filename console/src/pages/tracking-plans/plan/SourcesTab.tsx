/** Which sources are held to the plan, and what each of them says beyond it. */

import { Anchor, Badge, Button, Group, Paper, Stack, Switch, Table, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "~/api/client";
import type { SourceLine } from "~/api/schema";
import { useMay } from "~/api/session";
import { confirm } from "~/components/confirm";
import { Failed, Loaded } from "~/components/states";
import { Time } from "~/components/Time";
import { count } from "~/format/format";
import { decides, inWords } from "../model/controls";
import { ownControls, useSources, useWholeSources } from "../sources";
import { usePlan } from "./context";

export function SourcesTab() {
  const { detail, saved } = usePlan();
  const mayEdit = useMay("editor");
  const sources = useSources();
  const whole = useWholeSources(detail.sources);
  const { hold, release } = useHolding(detail.name);

  const ask = (source: SourceLine) =>
    confirm({
      title: source.tracking_plan
        ? `Use ${detail.name} for ${source.name} instead of ${source.tracking_plan}`
        : `Use ${detail.name} for ${source.name}`,
      children: decides(saved.controls)
        ? `The plan ${inWords(saved.controls).join(", ")}. Do a dry run on events from ${source.name} first.`
        : "The plan only reports violations: all events from this source still pass.",
      confirm: "Use plan",
      destructive: decides(saved.controls),
      act: () => hold.mutateAsync(source.name),
    });
  const askRelease = (source: SourceLine) =>
    confirm({
      title: `Stop using the plan for ${source.name}`,
      children:
        "Its events are no longer checked, so nothing is blocked or removed. Its overrides are deleted.",
      confirm: "Stop using plan",
      act: () => release.mutateAsync(source.name),
    });

  return (
    <Loaded query={sources}>
      {({ data }) => (
        <Stack gap="md">
          <Text c="dimmed">A source can use one plan. The plan applies to new events.</Text>
          {release.error && <Failed error={release.error} />}
          <Paper>
            <Table.ScrollContainer minWidth={420}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Uses plan</Table.Th>
                    <Table.Th>Source</Table.Th>
                    <Table.Th ta="right">Violations (24 h)</Table.Th>
                    <Table.Th>Last event</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {data.map((source) => {
                    const isHeld = source.tracking_plan === detail.name;
                    const own = whole.find((each) => each.source.name === source.name);
                    const controls = own && ownControls(own.source);
                    return (
                      <Table.Tr key={source.name}>
                        <Table.Td>
                          <Switch
                            aria-label={`Use this plan for ${source.name}`}
                            checked={isHeld}
                            onChange={() => (isHeld ? askRelease(source) : ask(source))}
                            disabled={!mayEdit}
                          />
                        </Table.Td>
                        <Table.Td>
                          <Group gap="xs">
                            <Anchor
                              renderRoot={(props) => (
                                <Link to="/sources/$name" params={{ name: source.name }} {...props} />
                              )}
                            >
                              {source.name}
                            </Anchor>
                            {source.tracking_plan && !isHeld && (
                              <Badge color="gray">Uses {source.tracking_plan}</Badge>
                            )}
                            {!source.enabled && <Badge color="yellow">Off</Badge>}
                          </Group>
                          {controls && (
                            <Text size="sm" c="dimmed">
                              Overrides: {inWords(controls).join(", ") || "allows what the plan would not"}
                            </Text>
                          )}
                        </Table.Td>
                        <Table.Td ta="right">
                          {isHeld ? count(source.last_24_hours.violations ?? 0) : "–"}
                        </Table.Td>
                        <Table.Td>
                          <Time at={source.last_seen} />
                        </Table.Td>
                      </Table.Tr>
                    );
                  })}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          </Paper>
          {data.length === 0 && (
            <Group>
              <Title order={2} size="h5">
                No sources yet
              </Title>
              <Button renderRoot={(props) => <Link to="/sources/-/new" {...props} />}>Add source</Button>
            </Group>
          )}
        </Stack>
      )}
    </Loaded>
  );
}

function useHolding(plan: string) {
  const queries = useQueryClient();
  async function change(name: string, tracking_plan: string, extra: object = {}) {
    const { data } = await api.GET("/api/v1/sources/{name}", { params: { path: { name } } });
    if (!data) return;
    await api.PUT("/api/v1/sources/{name}", {
      params: { path: { name }, query: { version: data.version } },
      body: { ...data.source, tracking_plan, ...extra },
    });
    await queries.invalidateQueries();
  }
  const hold = useMutation({
    mutationFn: (name: string) => change(name, plan),
    onSuccess: (_, name) => notifications.show({ message: `${name} now uses ${plan}.` }),
  });
  const release = useMutation({
    mutationFn: (name: string) => change(name, "", { controls: null }),
    onSuccess: (_, name) => notifications.show({ message: `${name} no longer uses a plan.` }),
  });
  return { hold, release };
}

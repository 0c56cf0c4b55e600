/** What has changed in one item of the workspace, when and by whom; and the way back to any of these. */

import { Badge, Box, Button, Group, Paper, Stack, Text, Timeline } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client";
import type {
  ItemVersion,
  PageHeadwaterServeConfigItemVersionsItemVersion as VersionsPage,
} from "~/api/schema";
import { counted, moment } from "~/format/format";
import { Changes } from "./Changes";
import { confirm } from "./confirm";
import { May } from "./May";
import { Loaded } from "./states";
import { Time } from "./Time";

interface Props {
  section: "tracking_plans" | "transformations";
  name: string;
  /** "plan": what it is called in sentences. */
  noun: string;
  /** Called when it was taken back. */
  onRolledBack?: () => void;
}

const PATHS = {
  tracking_plans: "/api/v1/tracking-plans/{name}/versions",
  transformations: "/api/v1/transformations/{name}/versions",
} as const;

export function ItemVersions({ section, name, noun, onRolledBack }: Props) {
  const found = useInfiniteQuery({
    queryKey: ["item-versions", section, name],
    queryFn: async ({ pageParam }): Promise<VersionsPage> => {
      const { data } = await api.GET(PATHS[section], {
        params: { path: { name }, query: { cursor: pageParam } },
      });
      return data as VersionsPage;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  return (
    <Loaded query={found}>
      {({ pages }) => {
        const versions = pages.flatMap((page) => page.data);
        return (
          <Paper p="md">
            <Timeline bulletSize={22} lineWidth={2} active={0}>
              {versions.map((version, index) => (
                <Timeline.Item
                  key={version.version}
                  bullet={<IconHistory size={12} />}
                  title={
                    <Group gap="xs">
                      <span>Version {version.version} of the workspace</span>
                      {index === 0 && <Badge color="green">current</Badge>}
                    </Group>
                  }
                >
                  <Version
                    version={version}
                    isNewest={index === 0}
                    section={section}
                    noun={noun}
                    onRolledBack={onRolledBack}
                  />
                </Timeline.Item>
              ))}
            </Timeline>
            {found.hasNextPage && (
              <Button
                variant="default"
                mt="md"
                onClick={() => void found.fetchNextPage()}
                loading={found.isFetchingNextPage}
              >
                Show older versions
              </Button>
            )}
          </Paper>
        );
      }}
    </Loaded>
  );
}

interface VersionProps {
  version: ItemVersion;
  isNewest: boolean;
  section: Props["section"];
  noun: string;
  onRolledBack: Props["onRolledBack"];
}

function Version({ version, isNewest, section, noun, onRolledBack }: VersionProps) {
  const queries = useQueryClient();
  const [isOpen, { toggle }] = useDisclosure(isNewest);
  const { changes, more_changes } = version;

  const ask = () =>
    confirm({
      title: `Restore the ${noun} of version ${version.version}`,
      children: `The ${noun} becomes what it was on ${moment(version.at)}, as a new version. Nothing else in the workspace changes.`,
      consequences: async () => {
        const { data } = await rollBack(version, section, true);
        if (!data?.changes.length) return ["Nothing: it is the same now."];
        return data.changes.map(
          ({ action, path }) => `${VERBS[action]} ${path.replace(/^\w+\[.*?\]\.?/, "") || "everything"}`,
        );
      },
      confirm: "Restore",
      act: async () => {
        const { data } = await rollBack(version, section, false);
        await queries.invalidateQueries();
        notifications.show({
          message: `Restored as version ${data?.version} of the workspace.`,
          color: "green",
        });
        onRolledBack?.();
      },
    });

  return (
    <Stack gap={6} mt={4} pb="sm">
      <Text size="sm" c="dimmed">
        <Time at={version.at} /> by {version.author || "someone"}
        {version.note && ` — ${version.note}`}
      </Text>
      {version.is_first ? (
        <Text size="sm">The {noun} was created here, or what it was before is no longer kept.</Text>
      ) : (
        <>
          <Group gap="xs">
            <Button size="compact-xs" variant="subtle" onClick={toggle} aria-expanded={isOpen}>
              {isOpen ? "Hide" : "Show"} {counted(changes.length + more_changes, "change")}
            </Button>
          </Group>
          {isOpen && (
            <Box>
              <Changes changes={changes} />
              {more_changes > 0 && (
                <Text size="sm" c="dimmed">
                  and {counted(more_changes, "more change")}
                </Text>
              )}
            </Box>
          )}
        </>
      )}
      {!isNewest && (
        <Group>
          <May role="editor">
            <Button size="compact-sm" variant="default" onClick={ask}>
              Restore this version
            </Button>
          </May>
        </Group>
      )}
    </Stack>
  );
}

const VERBS = { add: "Adds", change: "Changes", remove: "Removes" } as const;

function rollBack({ version, name }: ItemVersion, section: Props["section"], dry_run: boolean) {
  return api.POST("/api/v1/workspace/versions/{number}/rollback", {
    params: { path: { number: version }, query: { path: `${section}[${name}]`, dry_run } },
  });
}

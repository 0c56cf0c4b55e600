/** Where one is signed in, and how to end that. */

import { Badge, Button, Group, Paper, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDeviceDesktop, IconDeviceMobile, IconLogout } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { $api, api } from "~/api/client";
import type { SessionLine } from "~/api/schema";
import { confirm } from "~/components/confirm";
import { Failed, Loaded } from "~/components/states";
import { Time } from "~/components/Time";
import { counted } from "~/format/format";
import { browserOf } from "./agent";

export function Sessions() {
  const queries = useQueryClient();
  const found = $api.useQuery("get", "/api/v1/sessions");
  const others = found.data?.sessions.filter((session) => !session.is_current) ?? [];

  const endOthers = () =>
    confirm({
      title: "Sign out everywhere else",
      children: "You stay signed in here. Everywhere else you need your password to sign in again.",
      consequences: async () => [`Ends ${counted(others.length, "other session")} of yours.`],
      confirm: "Sign out everywhere else",
      act: async () => {
        const { data } = await api.DELETE("/api/v1/sessions");
        await queries.invalidateQueries();
        notifications.show({
          message: `Signed out of ${counted(data?.count ?? 0, "other session")}.`,
          color: "green",
        });
      },
    });

  return (
    <Paper p="md" component="section" aria-labelledby="sessions">
      <Group justify="space-between" mb="md">
        <Title order={2} size="h4" id="sessions">
          Where you are signed in
        </Title>
        {others.length > 0 && (
          <Button size="xs" variant="default" leftSection={<IconLogout size={14} />} onClick={endOthers}>
            Sign out everywhere else
          </Button>
        )}
      </Group>
      <Loaded query={found}>{({ sessions }) => <SessionList sessions={currentFirst(sessions)} />}</Loaded>
      <Text size="sm" c="dimmed" mt="md">
        A session ends on its own after 3 days without use, and after 30 days at the latest.
      </Text>
    </Paper>
  );
}

const SHOWN_AT_FIRST = 5;

/** The API has the one seen last first; this one is always among those that are shown. */
function currentFirst(sessions: readonly SessionLine[]): SessionLine[] {
  return [...sessions].sort((a, b) => Number(b.is_current) - Number(a.is_current));
}

function SessionList({ sessions }: { sessions: readonly SessionLine[] }) {
  const [all, setAll] = useState(false);
  const more = sessions.length - SHOWN_AT_FIRST;
  return (
    <>
      <Stack gap="md" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
        {sessions.slice(0, all ? undefined : SHOWN_AT_FIRST).map((session) => (
          <Session key={session.id} session={session} />
        ))}
      </Stack>
      {more > 0 && (
        <Button variant="subtle" size="compact-sm" mt="sm" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? "Show less" : `Show ${counted(more, "more session")}`}
        </Button>
      )}
    </>
  );
}

function Session({ session }: { session: SessionLine }) {
  const queries = useQueryClient();
  const name = browserOf(session.agent);
  const Icon = /iPhone|Android/.test(session.agent) ? IconDeviceMobile : IconDeviceDesktop;
  const end = $api.useMutation("delete", "/api/v1/sessions/{session_id}", {
    onSuccess: () => queries.invalidateQueries(),
  });
  return (
    <li>
      <Group wrap="nowrap" align="flex-start" justify="space-between">
        <Group wrap="nowrap" align="flex-start" gap="sm">
          <ThemeIcon variant="light" size="lg" aria-hidden>
            <Icon size={18} stroke={1.6} />
          </ThemeIcon>
          <div>
            <Group gap="xs">
              <Text fw={550} style={{ overflowWrap: "anywhere" }}>
                {name}
              </Text>
              {session.is_current && <Badge color="green">this browser</Badge>}
            </Group>
            <Text size="sm" c="dimmed" component="div">
              {session.address || "unknown address"} ·{" "}
              {session.is_current ? (
                <>
                  signed in <Time at={session.began_at} />
                </>
              ) : (
                <>
                  last active <Time at={session.seen_at} />
                </>
              )}
            </Text>
          </div>
        </Group>
        {!session.is_current && (
          <Button
            size="compact-sm"
            variant="default"
            flex="none"
            loading={end.isPending}
            onClick={() => end.mutate({ params: { path: { session_id: session.id } } })}
            aria-label={`Sign out ${name} at ${session.address}`}
          >
            Sign out
          </Button>
        )}
      </Group>
      {end.error !== null && <Failed error={end.error} />}
    </li>
  );
}

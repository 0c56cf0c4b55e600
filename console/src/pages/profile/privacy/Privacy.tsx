/** What can be done about the data of somebody, and what was asked for before. */

import { Alert, Button, Flex, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconBan, IconShieldLock, IconTrash, IconUserX } from "@tabler/icons-react";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client";
import type { PageHeadwaterServeUnifyRegulationsRegulationLine as Page, RegulationLine } from "~/api/schema";
import { May } from "~/components/May";
import {
  askForRegulation,
  RegulationBadge,
  type RegulationType,
  Standing,
  titleOf,
} from "~/components/Regulation";
import { Empty } from "~/components/states";

const EVERY_MS = 2_000;

const ACTIONS: { type: RegulationType; icon: typeof IconBan; label: string; about: string }[] = [
  {
    type: "SUPPRESS_ONLY",
    icon: IconBan,
    label: "Suppress…",
    about: "Take no more events of this person. What is stored stays, and the suppression can be lifted.",
  },
  {
    type: "DELETE_ONLY",
    icon: IconTrash,
    label: "Delete…",
    about:
      "Delete everything that is stored, here and at destinations that can be asked. New events are taken.",
  },
  {
    type: "SUPPRESS_WITH_DELETE",
    icon: IconUserX,
    label: "Suppress and delete…",
    about: "Both: what somebody wants who asks to be forgotten.",
  },
];

export function Privacy({ userIds }: { userIds: string[] }) {
  const queries = useQueryClient();
  const requests = useRequests(userIds);
  if (userIds.length === 0)
    return (
      <Empty icon={IconShieldLock} title="Nobody to ask about">
        Suppressions and deletions are about user ids, and this profile has none. It is somebody who has not
        signed in, or an account.
      </Empty>
    );
  const open = requests.find((request) => request.finishedAt == null);
  return (
    <Stack>
      <Paper p="md" component="section" aria-label="Actions">
        <Stack>
          {ACTIONS.map(({ type, icon: Icon, label, about }) => (
            <Flex
              key={type}
              direction={{ base: "column", sm: "row" }}
              justify="space-between"
              align={{ base: "flex-start", sm: "center" }}
              gap={{ base: "xs", sm: "md" }}
            >
              <Text size="sm">{about}</Text>
              <div style={{ flex: "none" }}>
                <May role="editor">
                  <Button
                    variant="light"
                    color="red"
                    leftSection={<Icon size={16} />}
                    onClick={() =>
                      askForRegulation({ type, userIds, onMade: () => void queries.invalidateQueries() })
                    }
                  >
                    {label}
                  </Button>
                </May>
              </div>
            </Flex>
          ))}
        </Stack>
      </Paper>
      {open?.regulationType.includes("DELETE") && (
        <Alert color="blue" title="This profile is being deleted">
          It vanishes from here as soon as the pipeline has removed it; the request stays on the page Privacy.
        </Alert>
      )}
      {requests.length > 0 && (
        <section aria-labelledby="requests">
          <Title order={2} size="h5" mb="xs" id="requests">
            Asked for until now
          </Title>
          <Stack>
            {requests.map((request) => (
              <Paper p="md" key={request.id}>
                <Group justify="space-between" mb="xs">
                  <Text fw={600}>{titleOf(request)}</Text>
                  <RegulationBadge regulation={request} />
                </Group>
                <Standing regulation={request} />
              </Paper>
            ))}
          </Stack>
        </section>
      )}
    </Stack>
  );
}

/** Every request about these users, each once, newest first. */
function useRequests(userIds: string[]): RegulationLine[] {
  const found = useQueries({
    queries: userIds.map((subjectId) => ({
      queryKey: ["regulations-about", subjectId],
      queryFn: async () => {
        const { data } = await api.POST("/api/v1/regulations/search", {
          body: { subjectId, subjectType: "USER_ID" },
        });
        return (data as Page).data;
      },
      refetchInterval: EVERY_MS,
    })),
  });
  const all = new Map(found.flatMap(({ data }) => data ?? []).map((request) => [request.id, request]));
  return [...all.values()].sort((one, other) => other.createdAt.localeCompare(one.createdAt));
}

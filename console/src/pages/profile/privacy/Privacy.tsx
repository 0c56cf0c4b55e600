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
    about: "Stop collecting events of this person. Stored data stays. You can lift the suppression later.",
  },
  {
    type: "DELETE_ONLY",
    icon: IconTrash,
    label: "Delete…",
    about:
      "Delete all stored data, here and in destinations that support it. New events are still collected.",
  },
  {
    type: "SUPPRESS_WITH_DELETE",
    icon: IconUserX,
    label: "Suppress and delete…",
    about: "Both. Use this when someone asks to be forgotten.",
  },
];

export function Privacy({ userIds }: { userIds: string[] }) {
  const queries = useQueryClient();
  const requests = useRequests(userIds);
  if (userIds.length === 0)
    return (
      <Empty icon={IconShieldLock} title="No user id">
        Privacy requests are made for user ids, and this profile has none: it is an anonymous visitor or an
        account.
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
          It disappears once the deletion is done. You can follow the request on the Privacy page.
        </Alert>
      )}
      {requests.length > 0 && (
        <section aria-labelledby="requests">
          <Title order={2} size="h5" mb="xs" id="requests">
            Earlier requests
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

/** What a trait has been, from the events of the profile. */

import { Badge, Button, Drawer, Group, Stack, Text, Timeline } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { api } from "~/api/client";
import type { TraitHistory as Page } from "~/api/schema";
import { Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { useFocusBack } from "~/components/useFocusBack";
import { valueText } from "~/format/value";
import { EventLink } from "../EventLink";

interface Props {
  who: string;
  trait: string;
  close: () => void;
}

export function TraitHistory({ who, trait, close }: Props) {
  useFocusBack();
  const query = useInfiniteQuery({
    queryKey: ["trait-history", who, trait],
    queryFn: async ({ pageParam }): Promise<Page> => {
      const params = { path: { who }, query: { key: trait, ...(pageParam && { cursor: pageParam }) } };
      const { data } = await api.GET("/api/v1/profiles/trait-history/{who}", { params });
      return data as Page;
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  const values = query.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Drawer
      opened
      onClose={close}
      size="md"
      title={<Text fw={650}>History of {trait}</Text>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {query.isPending && <Loading />}
      {query.error && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data && values.length === 0 && !query.hasNextPage && (
        <Text c="dimmed">No stored event of this profile has set it.</Text>
      )}
      <Timeline bulletSize={14} lineWidth={2} active={-1}>
        {values.map((value) => (
          <Timeline.Item key={`${value.message_id} ${value.received_at}`} title={valueText(value.value)}>
            <Stack gap={2}>
              <Text size="sm" c="dimmed">
                <EventLink messageId={value.message_id}>Set by an event</EventLink> from {value.source},{" "}
                <Time at={value.at} />
              </Text>
              {value.is_current && (
                <div>
                  <Badge color="green">Current</Badge>
                </div>
              )}
            </Stack>
          </Timeline.Item>
        ))}
      </Timeline>
      {query.hasNextPage && (
        <Group mt="md">
          <Button variant="default" loading={query.isFetching} onClick={() => void query.fetchNextPage()}>
            Load older values
          </Button>
        </Group>
      )}
    </Drawer>
  );
}

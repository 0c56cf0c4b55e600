/** The newest accepted events to choose from, narrowed by source, call and FQL. */

import { Badge, Group, Select, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconActivity } from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "~/api/client";
import type { RecentEvent } from "~/api/schema";
import { Empty, Failed, Loading } from "../states";
import { Time } from "../Time";
import classes from "./EventPicker.module.css";
import { type Event, titleOf, whoseOf } from "./event";

const CALLS = ["track", "identify", "page", "screen", "group", "alias"];

const SHOWN = 50;

interface Props {
  /** Only of these; all when left out. */
  sources?: readonly string[] | undefined;
  chosen: string | undefined;
  onChoose: (event: RecentEvent) => void;
}

export function EventList({ sources, chosen, onChoose }: Props) {
  const [source, setSource] = useState<string | null>(null);
  const [type, setType] = useState<string | null>(null);
  const [written, setWritten] = useState("");
  const [filter] = useDebouncedValue(written.trim(), 400);
  const known = $api.useQuery("get", "/api/v1/sources");
  const found = useRecentEvents({ source, type, filter, sources });
  const names = sources ?? known.data?.data.map((each) => each.name) ?? [];
  return (
    <Stack gap="sm">
      <Group grow align="flex-end" gap="sm" preventGrowOverflow={false}>
        <Select
          label="Source"
          placeholder="any"
          clearable
          data={[...names]}
          value={source}
          onChange={setSource}
        />
        <Select label="Call" placeholder="any" clearable data={CALLS} value={type} onChange={setType} />
        <TextInput
          label="Filter (FQL)"
          placeholder='event = "Order Completed"'
          value={written}
          onChange={(event) => setWritten(event.currentTarget.value)}
          flex="2 1 16rem"
        />
      </Group>
      {found.error ? (
        <Failed error={found.error} />
      ) : found.isPending ? (
        <Loading lines={5} />
      ) : found.events.length === 0 ? (
        <Empty icon={IconActivity} title="No matching events">
          Broaden the filter, or paste an event of your own.
        </Empty>
      ) : (
        <div className={classes.list} role="list" aria-label="Newest events">
          {found.events.map((event) => (
            <div role="listitem" key={`${event.message_id} ${event.received_at}`}>
              <UnstyledButton
                className={classes.line}
                aria-pressed={event.message_id === chosen}
                onClick={() => onChoose(event)}
              >
                <Text span fw={550} truncate>
                  {titleOf(event.body as Event)}
                </Text>
                <Text span size="sm" c="dimmed" truncate>
                  {whoseOf(event.body as Event)}
                </Text>
                <Badge color="gray">{event.source}</Badge>
                <Text span size="sm" c="dimmed" className={classes.when}>
                  <Time at={event.received_at} />
                </Text>
              </UnstyledButton>
            </div>
          ))}
        </div>
      )}
    </Stack>
  );
}

interface Asked {
  source?: string | null;
  type?: string | null;
  filter?: string | undefined;
  sources?: readonly string[] | undefined;
}

/** The newest events of these sources; asked for anew only when the question changes, so that nothing jumps. */
export function useRecentEvents({ source, type, filter, sources }: Asked) {
  const query = $api.useQuery(
    "get",
    "/api/v1/events",
    {
      params: {
        query: {
          limit: SHOWN,
          ...(source ? { source } : sources?.length === 1 ? { source: sources[0] as string } : {}),
          ...(type ? { type } : {}),
          ...(filter ? { filter } : {}),
        },
      },
    },
    { staleTime: Number.POSITIVE_INFINITY, placeholderData: (before) => before },
  );
  const events = query.data?.data.filter((event) => !sources || sources.includes(event.source)) ?? [];
  return { events, error: query.error, isPending: query.isPending, refetch: query.refetch };
}

/** Everything about one message: each time it arrived, what the stages did to it, where it went, and why not. */

import { Accordion, Group, Stack, Text } from "@mantine/core";
import { IconSearchOff } from "@tabler/icons-react";
import { $api, ApiError } from "~/api/client";
import type { Journey } from "~/api/schema";
import { Empty, Loaded } from "../states";
import { Time } from "../Time";
import { Ended } from "./Ended";
import { JourneyView } from "./JourneyView";

/** What has just been accepted may not be where one looks for it yet. */
const TRIES = 3;

/** So many arrivals of one message the API tells of. */
const TOLD_MAX = 50;

/** `place`: the arrival that is meant, of several. */
export function EventTrace({ messageId, place }: { messageId: string; place?: string | undefined }) {
  const query = $api.useQuery(
    "get",
    "/api/v1/events/{message_id}/trace",
    { params: { path: { message_id: messageId } } },
    {
      retry: (failures, error: unknown) =>
        failures < TRIES && error instanceof ApiError && error.status === 404,
      retryDelay: 1_000,
    },
  );
  const error = query.error as unknown;
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Empty icon={IconSearchOff} title="Nothing is known of this message">
        {error.message}
      </Empty>
    );
  }
  return (
    <Loaded query={query}>
      {({ journeys, looked }) => (
        <Stack>
          <Journeys journeys={journeys} place={place} />
          <Text size="xs" c="dimmed">
            Looked in: {looked.join("; ")}.
          </Text>
        </Stack>
      )}
    </Loaded>
  );
}

function Journeys({ journeys, place }: { journeys: readonly Journey[]; place: string | undefined }) {
  const [only] = journeys;
  if (only && journeys.length === 1) return <JourneyView journey={only} />;
  // A blocked event may have been sent on under another source: its place is not a name of its own.
  const newest = journeys.map((journey, index) => ({ journey, key: String(index) })).reverse();
  const wanted = newest.find((each) => each.journey.id === place) ?? newest[0];
  return (
    <Stack gap="xs">
      <Text size="sm">
        It arrived {journeys.length < TOLD_MAX ? "" : "at least "}
        {journeys.length} times; the newest stands first.
      </Text>
      <Accordion defaultValue={wanted?.key ?? null} variant="separated" order={2}>
        {newest.map(({ journey, key }) => (
          <Accordion.Item key={key} value={key}>
            <Accordion.Control>
              <Group gap="xs">
                <Ended outcome={journey.ended} />
                <Text size="sm" component="div">
                  {journey.source}, <Time at={journey.received_at} exact />
                </Text>
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              <JourneyView journey={journey} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </Stack>
  );
}

/** Everything about one message: each time it arrived, what the stages did to it, where it went, and why not. */

import { Accordion, Group, Stack, Text } from "@mantine/core";
import { IconSearchOff } from "@tabler/icons-react";
import { ApiError } from "~/api/client";
import type { Journey } from "~/api/schema";
import { Empty, Loaded } from "../states";
import { Time } from "../Time";
import { Ended } from "./Ended";
import { JourneyView } from "./JourneyView";
import { useTrace } from "./useTrace";

/** So many arrivals of one message the API tells of. */
const TOLD_MAX = 50;

/** `place`: the arrival that is meant, of several. */
export function EventTrace({ messageId, place }: { messageId: string; place?: string | undefined }) {
  const query = useTrace(messageId);
  const error = query.error as unknown;
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Empty icon={IconSearchOff} title="No event found with this message ID">
        {error.message}
      </Empty>
    );
  }
  return (
    <Loaded query={query}>
      {({ journeys, looked }) => (
        <Stack gap="lg">
          <Journeys journeys={journeys} place={place} />
          <details>
            <summary>
              <Text size="xs" span c="dimmed">
                Where we looked
              </Text>
            </summary>
            <Text size="xs" c="dimmed" mt={4}>
              {looked.join("; ")}.
            </Text>
          </details>
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
  const wanted =
    newest.find((each) => each.journey.id === place) ??
    newest.find((each) => each.journey.ended === "accepted") ??
    newest[0];
  return (
    <Stack gap="xs">
      <Text size="sm">
        This message arrived {journeys.length < TOLD_MAX ? "" : "at least "}
        {journeys.length} times, newest first.
      </Text>
      <Accordion defaultValue={wanted?.key ?? null} variant="separated" order={2}>
        {newest.map(({ journey, key }) => (
          <Accordion.Item key={key} value={key}>
            <Accordion.Control>
              <Group gap="xs">
                <Ended outcome={journey.ended} />
                <Text size="sm" component="div">
                  {journey.source} · <Time at={journey.received_at} exact />
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

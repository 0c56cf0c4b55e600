/** The event: what became of it in one text, as it was accepted, and as it was sent. */

import { Tabs, Text } from "@mantine/core";
import type { Journey } from "~/api/schema";
import { Json } from "../Json";
import { MarkedJson } from "../MarkedJson";
import { Diff } from "./Diff";
import { breaches } from "./words";

export function Body({ journey }: { journey: Journey }) {
  const { received, accepted } = journey;
  const isAccepted = journey.ended === "accepted";
  if (received == null && accepted == null)
    return (
      <Text size="sm" c="dimmed">
        The event is no longer in the log.
      </Text>
    );
  if (!isAccepted) return <Refused journey={journey} />;
  if (received == null) return <Json value={accepted} label="Event" />;
  return (
    <Tabs defaultValue="changes" keepMounted={false}>
      <Tabs.List mb="sm">
        <Tabs.Tab value="changes">Changes</Tabs.Tab>
        <Tabs.Tab value="event">As accepted</Tabs.Tab>
        <Tabs.Tab value="sent">As sent</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="changes">
        {(journey.changes ?? []).length === 0 ? (
          <Text size="sm" c="dimmed">
            Accepted exactly as it was sent.
          </Text>
        ) : (
          <Diff before={received} after={accepted} label="Changes to the event" />
        )}
      </Tabs.Panel>
      <Tabs.Panel value="event">
        <Json value={accepted} label="Event" />
      </Tabs.Panel>
      <Tabs.Panel value="sent">
        <Json value={received} label="Event as sent" />
      </Tabs.Panel>
    </Tabs>
  );
}

function Refused({ journey }: { journey: Journey }) {
  const event = journey.received ?? journey.accepted;
  const detail = journey.steps.at(-1)?.detail?.detail;
  const fields = typeof detail === "string" ? breaches(detail).map(({ field }) => field) : [];
  if (fields.length === 0) return <Json value={event} label="Event" />;
  return <MarkedJson value={event} fields={fields} label="Event" />;
}

/** One event: its trace, and what it looks like, pretty and raw. */

import { Anchor, Drawer, Group, SegmentedControl, Stack, Tabs, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { LiveEvent } from "~/api/schema";
import { Copy } from "~/components/Copy";
import { CopyAsCurl, Ended, EventTrace } from "~/components/EventTrace";
import { Json } from "~/components/Json";
import { bytes } from "~/format/format";

interface Props {
  /** null: closed. */
  id: string | null;
  place: string | undefined;
  /** As the stream has brought it, if it is still in memory. */
  event: LiveEvent | undefined;
  onClose: () => void;
}

export function EventDrawer({ id, place, event, onClose }: Props) {
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      title={event ? (event.event ?? event.type ?? "Unreadable event") : "Event"}
      size="xl"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {id !== null && (
        <Stack gap="md">
          <Group gap="xs" justify="space-between">
            <Group gap={4} wrap="nowrap" style={{ minWidth: 0 }}>
              <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
                {id}
              </Text>
              <Copy value={id} what="message ID" />
            </Group>
            <Anchor
              size="sm"
              renderRoot={(props) => <Link to="/events/$messageId" params={{ messageId: id }} {...props} />}
            >
              Open full page
            </Anchor>
          </Group>
          {event ? (
            <Tabs defaultValue="trace">
              <Tabs.List mb="md">
                <Tabs.Tab value="trace">Trace</Tabs.Tab>
                <Tabs.Tab value="event">Event</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="trace">
                {/* What is still waiting is asked about again once it has an end. */}
                <EventTrace key={event.outcome} messageId={id} place={place} />
              </Tabs.Panel>
              <Tabs.Panel value="event">
                <Seen event={event} />
              </Tabs.Panel>
            </Tabs>
          ) : (
            <EventTrace messageId={id} place={place} />
          )}
        </Stack>
      )}
    </Drawer>
  );
}

function Seen({ event }: { event: LiveEvent }) {
  const [form, setForm] = useState("pretty");
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Ended outcome={event.outcome} />
          <Text size="sm" c="dimmed">
            {bytes(event.bytes)}, {event.outcome === "accepted" ? "as accepted" : "as sent"}
          </Text>
        </Group>
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            aria-label="Format"
            value={form}
            onChange={setForm}
            data={[
              { value: "pretty", label: "Pretty" },
              { value: "raw", label: "Raw" },
            ]}
          />
          <CopyAsCurl event={event.body} source={event.source} />
        </Group>
      </Group>
      {event.body === null ? (
        <Text size="sm" c="dimmed">
          Too many events arrived in this second to send this one to the browser. Open the trace to see it.
        </Text>
      ) : (
        <Json value={form === "raw" ? JSON.stringify(event.body) : event.body} label="Event" />
      )}
    </Stack>
  );
}

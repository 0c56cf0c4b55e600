/** Waits for the first event of a source and turns green by itself; from then on it says what came last. */

import { Anchor, Group, Loader, Paper, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { IconAlertCircle, IconCheck } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useLive } from "~/api/live";
import type { LiveEvent, SourceDetail } from "~/api/schema";
import { outcomeLabel } from "~/components/EventTrace";
import { Time } from "~/components/Time";
import { count, counted } from "~/format/format";
import classes from "./Setup.module.css";

/** When the browser may not listen, the page is asked again so often. */
const EVERY_MS = 2_000;

export function FirstEvent({ detail }: { detail: SourceDetail }) {
  const { name } = detail.source;
  const queries = useQueryClient();
  const [last, setLast] = useState<LiveEvent>();
  const [seen, setSeen] = useState(new Set<string>());
  const live = useLive(`/api/v1/events/live?source=${encodeURIComponent(name)}`, ["event"], (_, data) => {
    const event: LiveEvent = JSON.parse(data);
    setLast(event);
    setSeen((before) => (before.size < SEEN_MAX ? new Set(before).add(event.place) : before));
    if (!detail.last_seen) void queries.invalidateQueries({ queryKey: ["get", "/api/v1/sources/{name}"] });
  });
  if (last) return <Came event={last} number={seen.size} />;
  if (detail.last_seen) return <Receiving detail={detail} />;
  return (
    <Paper p="md" role="status">
      <Group wrap="nowrap" gap="sm">
        <span className={classes.beat} aria-hidden />
        <div>
          <Title order={2} size="h5">
            Waiting for the first event
          </Title>
          <Text size="sm" c="dimmed">
            {live === "lost"
              ? `Checking every ${EVERY_MS / 1_000} seconds.`
              : "This turns green as soon as it arrives."}
          </Text>
        </div>
        {live === "connecting" && <Loader size="xs" aria-label="Connecting" />}
      </Group>
    </Paper>
  );
}

const SEEN_MAX = 10_000;

function Came({ event, number }: { event: LiveEvent; number: number }) {
  const isTaken = event.outcome === "accepted" || event.outcome === "waiting";
  return (
    <Paper p="md" role="status">
      <Group wrap="nowrap" gap="sm" align="flex-start">
        <ThemeIcon color={isTaken ? "green" : "orange"} radius="xl" size={30}>
          {isTaken ? <IconCheck size={18} /> : <IconAlertCircle size={18} />}
        </ThemeIcon>
        <Stack gap={2} miw={0}>
          <Title order={2} size="h5">
            {isTaken ? "It works" : "Received, but rejected"}
          </Title>
          <Text size="sm">
            {event.event ?? event.type ?? "An event"} <Time at={event.received_at} />
            {!isTaken && `: ${outcomeLabel(event.outcome)}${event.detail ? ` (${event.detail})` : ""}`}
          </Text>
          <Text size="sm" c="dimmed">
            {number === 1
              ? "The first event since you opened this page."
              : `${count(number)} events since you opened this page.`}
          </Text>
          <Links source={event.source} messageId={event.message_id} />
        </Stack>
      </Group>
    </Paper>
  );
}

function Receiving({ detail }: { detail: SourceDetail }) {
  return (
    <Paper p="md">
      <Group wrap="nowrap" gap="sm" align="flex-start">
        <ThemeIcon color="green" radius="xl" size={30}>
          <IconCheck size={18} />
        </ThemeIcon>
        <Stack gap={2}>
          <Title order={2} size="h5">
            Receiving events
          </Title>
          <Text size="sm" c="dimmed">
            {counted(detail.events, "event")}, last <Time at={detail.last_seen} />.
          </Text>
          <Links source={detail.source.name} />
        </Stack>
      </Group>
    </Paper>
  );
}

function Links({ source, messageId }: { source: string; messageId?: string }) {
  return (
    <Group gap="md">
      {messageId && (
        <Anchor
          size="sm"
          renderRoot={(props) => <Link to="/events/$messageId" params={{ messageId }} {...props} />}
        >
          View trace
        </Anchor>
      )}
      <Anchor size="sm" renderRoot={(props) => <Link to="/debugger" search={{ source }} {...props} />}>
        Open in live debugger
      </Anchor>
    </Group>
  );
}

/** What a profile has done, day by day; each event opens to its JSON and leads to its path through the platform. */

import { Button, Group, Loader, Paper, Select, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconRoute, IconTimeline } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { $api } from "~/api/client";
import type { Activity, TimelineEvent } from "~/api/schema";
import { Json } from "~/components/Json";
import { Empty, Failed, Loading } from "~/components/states";
import { count, moment } from "~/format/format";
import type { ProfileSearch } from "../routes";
import { byDay, titleOf } from "./days";
import classes from "./Timeline.module.css";
import { useTimeline } from "./useTimeline";

const ActivityChart = lazy(() => import("./ActivityChart"));

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

interface Props {
  who: string;
  search: ProfileSearch;
  go: (next: Partial<ProfileSearch>) => void;
}

export function Timeline({ who, search, go }: Props) {
  const { data: activity } = $api.useQuery("get", "/api/v1/profiles/activity/{who}", {
    params: { path: { who } },
  });
  const { query, events, reached } = useTimeline(who, search);
  const isFiltered = Boolean(search.type || search.event || search.source);
  return (
    <Stack>
      {activity && activity.days.length > 1 && (
        <Paper p="md">
          <Suspense fallback={<div style={{ height: 120 }} />}>
            <ActivityChart days={activity.days} />
          </Suspense>
          {!activity.complete && (
            <Text size="xs" c="dimmed">
              Of the newest {count(activity.events)} events.
            </Text>
          )}
        </Paper>
      )}
      {activity && <Filters activity={activity} search={search} go={go} />}
      {query.isPending && <Loading />}
      {query.error && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data && events.length === 0 && !query.hasNextPage && (
        <Empty
          icon={IconTimeline}
          title={isFiltered ? "No such event" : "No events"}
          action={
            isFiltered && (
              <Button
                variant="default"
                onClick={() => go({ type: undefined, event: undefined, source: undefined })}
              >
                Show all events
              </Button>
            )
          }
        >
          {isFiltered
            ? "This profile has other events, but none like that."
            : "This profile has no events of its own in its history."}
        </Empty>
      )}
      {byDay(events).map((group) => (
        <section key={group.day} aria-label={titleOf(group.day, new Date())}>
          <div className={classes.day}>
            <Title order={2} size="h6">
              {titleOf(group.day, new Date())}
            </Title>
          </div>
          <Paper component="ol" p={0} m={0} style={{ listStyle: "none" }}>
            {group.events.map((event) => (
              <EventItem key={event.record} event={event} />
            ))}
          </Paper>
        </section>
      ))}
      {query.hasNextPage && (
        <Group>
          <Button variant="default" loading={query.isFetching} onClick={() => void query.fetchNextPage()}>
            Show older events
          </Button>
          {reached && (
            <Text size="sm" c="dimmed" role="status">
              Looked back to {moment(reached)}
            </Text>
          )}
          {query.isFetching && <Loader size="xs" aria-label="Looking" />}
        </Group>
      )}
    </Stack>
  );
}

function Filters({ activity, search, go }: { activity: Activity } & Pick<Props, "search" | "go">) {
  const names = [...new Set(activity.kinds.map((kind) => kind.name).filter(Boolean))];
  const types = [...new Set(activity.kinds.map((kind) => kind.type))];
  const width = { base: "100%", xs: 220 };
  return (
    <Group align="flex-end">
      <Select
        label="Event"
        placeholder="any"
        data={names}
        value={search.event ?? null}
        onChange={(event) => go({ event: event ?? undefined })}
        clearable
        searchable
        clearButtonProps={{ "aria-label": "Any event" }}
        w={width}
      />
      <Select
        label="Call"
        placeholder="any"
        data={types}
        value={search.type ?? null}
        onChange={(type) => go({ type: type ?? undefined })}
        clearable
        clearButtonProps={{ "aria-label": "Any call" }}
        w={width}
      />
      <Select
        label="Source"
        placeholder="any"
        data={activity.sources.map((each) => each.source)}
        value={search.source ?? null}
        onChange={(source) => go({ source: source ?? undefined })}
        clearable
        clearButtonProps={{ "aria-label": "Any source" }}
        w={width}
      />
    </Group>
  );
}

function EventItem({ event }: { event: TimelineEvent }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li className={classes.event}>
      <UnstyledButton className={classes.line} onClick={() => setOpen(!isOpen)} aria-expanded={isOpen}>
        <Text
          component="time"
          size="sm"
          c="dimmed"
          className={classes.time}
          dateTime={event.at}
          title={moment(event.at)}
        >
          {clock.format(new Date(event.at))}
        </Text>
        <div className={classes.what}>
          <Text fw={600} truncate>
            {event.name || event.type}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {[event.name && event.type !== "track" ? event.type : "", glance(event.event)]
              .filter(Boolean)
              .join(" · ")}
          </Text>
        </div>
        <Text size="sm" c="dimmed" className={classes.source}>
          {event.source}
        </Text>
        <IconChevronRight size={16} className={classes.chevron} data-open={isOpen || undefined} aria-hidden />
      </UnstyledButton>
      {isOpen && (
        <Stack gap="xs" className={classes.body}>
          <Group gap="xs">
            {event.message_id && (
              <Button
                size="xs"
                variant="default"
                leftSection={<IconRoute size={14} />}
                renderRoot={(props) => (
                  <Link to="/events/$messageId" params={{ messageId: event.message_id }} {...props} />
                )}
              >
                What happened to it
              </Button>
            )}
            <Text size="sm" c="dimmed">
              received {moment(event.received_at)} from {event.source}
            </Text>
          </Group>
          <Json value={event.event} label="Event as JSON" />
        </Stack>
      )}
    </li>
  );
}

/** The first few facts of an event, as much as fits in a line. */
function glance(event: unknown): string {
  if (typeof event !== "object" || event === null) return "";
  const { properties, traits } = event as Record<string, unknown>;
  const facts = Object.entries((properties ?? traits ?? {}) as Record<string, unknown>);
  return facts
    .filter(([, value]) => typeof value !== "object")
    .slice(0, 4)
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join(", ");
}

/** What a profile has done, day by day; each event opens to its JSON and leads to its path through the platform. */

import { Button, Group, Loader, Paper, Select, Stack, Text, Title } from "@mantine/core";
import { IconTimeline } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { $api } from "~/api/client";
import type { Activity } from "~/api/schema";
import { Empty, Failed, Loading } from "~/components/states";
import { count, moment } from "~/format/format";
import type { ProfileSearch } from "../routes";
import { byDay, titleOf } from "./days";
import { EventItem } from "./EventItem";
import classes from "./Timeline.module.css";
import { useTimeline } from "./useTimeline";

const ActivityChart = lazy(() => import("./ActivityChart"));

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
              Based on the latest {count(activity.events)} events.
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
          title={isFiltered ? "No matching events" : "No events yet"}
          action={
            isFiltered && (
              <Button
                variant="default"
                onClick={() => go({ type: undefined, event: undefined, source: undefined })}
              >
                Clear filters
              </Button>
            )
          }
        >
          {isFiltered
            ? "No event of this profile matches these filters."
            : "Events appear here as they arrive."}
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
            Load older events
          </Button>
          {reached && (
            <Text size="sm" c="dimmed" role="status">
              Searched back to {moment(reached)}
            </Text>
          )}
          {query.isFetching && <Loader size="xs" aria-label="Loading" />}
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
        placeholder="Any"
        data={names}
        value={search.event ?? null}
        onChange={(event) => go({ event: event ?? undefined })}
        clearable
        searchable
        clearButtonProps={{ "aria-label": "Any event" }}
        w={width}
      />
      <Select
        label="Type"
        placeholder="Any"
        data={types}
        value={search.type ?? null}
        onChange={(type) => go({ type: type ?? undefined })}
        clearable
        clearButtonProps={{ "aria-label": "Any type" }}
        w={width}
      />
      <Select
        label="Source"
        placeholder="Any"
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

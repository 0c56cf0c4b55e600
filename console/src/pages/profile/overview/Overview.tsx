/** Somebody on one page: what they did last, and beside it what is known of them. */

import { Anchor, Grid, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconTimeline } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { $api } from "~/api/client";
import type { ProfileReport } from "~/api/schema";
import { Empty, Loaded } from "~/components/states";
import { counted } from "~/format/format";
import type { ProfileSearch } from "../routes";
import { EventItem } from "../timeline/EventItem";
import { About } from "./About";
import { InAudiences } from "./InAudiences";

const EVENTS_SHOWN = 8;
const EVERY_MS = 10_000;

interface Props {
  who: string;
  report: ProfileReport;
  go: (next: Partial<ProfileSearch>) => void;
}

export function Overview({ who, report, go }: Props) {
  const ids = counted(report.external_ids.length, "external id");
  return (
    <Grid>
      <Grid.Col span={{ base: 12, md: 7.5 }}>
        <Group justify="space-between" mb="xs">
          <Title order={2} size="h5">
            Recent activity
          </Title>
          <To onClick={() => go({ tab: "timeline" })}>Full timeline</To>
        </Group>
        <RecentEvents who={who} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 4.5 }}>
        <Stack gap="md">
          <Card title="About" link={<To onClick={() => go({ tab: "traits" })}>All traits</To>}>
            <About report={report} />
          </Card>
          <Card title="Audiences" link={<To onClick={() => go({ tab: "audiences" })}>Details</To>}>
            <InAudiences who={who} />
          </Card>
          <Card title="Identity" link={<To onClick={() => go({ tab: "identity" })}>Identity graph</To>}>
            <Text size="sm">
              {report.merges > 0
                ? `${counted(report.merges + 1, "profile")} merged into one, known by ${ids}.`
                : `Never merged, known by ${ids}.`}
            </Text>
          </Card>
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function RecentEvents({ who }: { who: string }) {
  const query = $api.useQuery(
    "get",
    "/api/v1/profiles/events/{who}",
    { params: { path: { who }, query: { limit: EVENTS_SHOWN } } },
    { refetchInterval: EVERY_MS },
  );
  return (
    <Loaded query={query}>
      {({ data }) =>
        data.length === 0 ? (
          <Empty icon={IconTimeline} title="No events yet">
            Events appear here as they arrive.
          </Empty>
        ) : (
          <Paper component="ol" p={0} m={0} style={{ listStyle: "none" }} aria-label="Recent activity">
            {data.map((event) => (
              <EventItem key={event.record} event={event} hasDay />
            ))}
          </Paper>
        )
      }
    </Loaded>
  );
}

function Card({ title, link, children }: { title: string; link: ReactNode; children: ReactNode }) {
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {title}
        </Title>
        {link}
      </Group>
      {children}
    </Paper>
  );
}

/** To another tab of this page. */
function To({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <Anchor component="button" type="button" size="sm" onClick={onClick}>
      {children}
    </Anchor>
  );
}

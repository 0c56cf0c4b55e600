import { Badge, Button, Group, SimpleGrid, Tabs, Text } from "@mantine/core";
import { IconUserSearch } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { $api, ApiError } from "~/api/client";
import type { ProfileReport } from "~/api/schema";
import { Copy } from "~/components/Copy";
import { Figure } from "~/components/Figure";
import { Initials } from "~/components/Initials";
import { PageHeader } from "~/components/PageHeader";
import { Empty, Loaded } from "~/components/states";
import { TabList } from "~/components/TabList";
import { Time } from "~/components/Time";
import { count, counted } from "~/format/format";
import { tintOf } from "./identity/colors";
import { Identity } from "./identity/Identity";
import { bestFirst } from "./ids";
import { Overview } from "./overview/Overview";
import { Privacy } from "./privacy/Privacy";
import { Audiences } from "./reach/Audiences";
import { Deliveries } from "./reach/Deliveries";
import { type ProfileSearch, TABS } from "./routes";
import { Timeline } from "./timeline/Timeline";
import { Traits } from "./traits/Traits";

const route = getRouteApi("/shell/profiles/$who");

const EVERY_MS = 10_000;
const IDS_SHOWN = 6;

const CRUMBS = [{ label: "Profiles", link: { to: "/profiles" } as const }];

const TITLES: Record<(typeof TABS)[number], string> = {
  overview: "Overview",
  traits: "Traits",
  timeline: "Timeline",
  identity: "Identity",
  audiences: "Audiences",
  deliveries: "Deliveries",
  privacy: "Privacy",
};

export default function Page() {
  const { who } = route.useParams();
  const query = $api.useQuery(
    "get",
    "/api/v1/profiles/{who}",
    { params: { path: { who }, query: { events: 0 } } },
    { refetchInterval: EVERY_MS },
  );
  if (query.error instanceof ApiError && query.error.status === 404)
    return (
      <>
        <PageHeader title="Profile" crumbs={CRUMBS} />
        <Empty
          icon={IconUserSearch}
          title="Profile not found"
          action={
            <Button renderRoot={(props) => <Link to="/profiles" {...props} />}>Back to profiles</Button>
          }
        >
          No profile has {who}. It may have been deleted. Merged profiles can still be found by their old
          segment id.
        </Empty>
      </>
    );
  return (
    <Loaded query={query}>
      {(report) => (
        <>
          <Head report={report} />
          <Body who={who} report={report} />
        </>
      )}
    </Loaded>
  );
}

function Head({ report }: { report: ProfileReport }) {
  const audiences = Object.values(report.traits).filter(
    (each) => each.kind === "audience" && each.value === true,
  );
  const shown = bestFirst(report.external_ids).slice(0, IDS_SHOWN);
  const more = report.external_ids.length - shown.length;
  return (
    <>
      <PageHeader
        title={report.name || "Anonymous"}
        icon={<Initials name={report.name || "?"} size={52} />}
        crumbs={CRUMBS}
        badges={
          <Badge color={report.collection === "accounts" ? "grape" : "blue"}>
            {report.collection === "accounts" ? "Account" : "Person"}
          </Badge>
        }
        description={
          <Group gap={6} component="span">
            {shown.map((id) => (
              <Badge
                key={`${id.type}:${id.value}`}
                component="span"
                color={tintOf(id.type)}
                maw="100%"
                title={`${id.type} ${id.value}`}
              >
                {id.type}: {id.value}
              </Badge>
            ))}
            {more > 0 && <span>and {counted(more, "more id")}</span>}
          </Group>
        }
        actions={<Copy value={report.segment_id} what="segment id" label="Copy segment id" />}
      />
      <SimpleGrid cols={{ base: 2, md: 4 }} mb="lg" spacing="sm">
        <Figure label="Created" value={<When at={report.created_at} />} note={day(report.created_at)} />
        <Figure label="Last seen" value={<When at={report.updated_at} />} note={day(report.updated_at)} />
        <Figure
          label="Events"
          value={count(report.events_count)}
          note={report.merges > 0 ? counted(report.merges, "merge") : "never merged"}
        />
        <Figure
          label="Audiences"
          value={count(audiences.length)}
          note={counted(
            Object.values(report.traits).filter((each) => each.kind !== "audience").length,
            "trait",
          )}
        />
      </SimpleGrid>
    </>
  );
}

/** Smaller than a number: it has words. */
function When({ at }: { at: string }) {
  return (
    <Text span fz="1.1rem" fw={650}>
      <Time at={at} />
    </Text>
  );
}

const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

function day(instant: string): string {
  return dates.format(new Date(instant));
}

function Body({ who, report }: { who: string; report: ProfileReport }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (next: Partial<ProfileSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  const tab = search.tab ?? "overview";
  const userIds = report.external_ids.filter((id) => id.type === "user_id").map((id) => id.value);
  return (
    <Tabs
      value={tab}
      // What one tab was asked is no question to another.
      onChange={(next) =>
        void navigate({
          search: next === "overview" ? {} : { tab: next as ProfileSearch["tab"] },
          resetScroll: false,
        })
      }
    >
      <TabList mb="md">
        {TABS.map((each) => (
          <Tabs.Tab key={each} value={each}>
            {TITLES[each]}
          </Tabs.Tab>
        ))}
      </TabList>
      <Tabs.Panel value="overview">
        <Overview who={who} report={report} go={go} />
      </Tabs.Panel>
      <Tabs.Panel value="traits">
        <Traits who={who} search={search} go={go} />
      </Tabs.Panel>
      <Tabs.Panel value="timeline">
        <Timeline who={who} search={search} go={go} />
      </Tabs.Panel>
      <Tabs.Panel value="identity">
        <Identity who={who} search={search} go={go} />
      </Tabs.Panel>
      <Tabs.Panel value="audiences">
        <Audiences who={who} />
      </Tabs.Panel>
      <Tabs.Panel value="deliveries">
        <Deliveries who={who} search={search} go={go} />
      </Tabs.Panel>
      <Tabs.Panel value="privacy">
        <Privacy userIds={userIds} />
      </Tabs.Panel>
    </Tabs>
  );
}

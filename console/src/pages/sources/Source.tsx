import { Badge, Tabs } from "@mantine/core";
import { IconAdjustments, IconCertificate, IconListDetails, IconRocket } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { SourceDetail } from "~/api/schema";
import { PageHeader } from "~/components/PageHeader";
import { Loaded, Loading } from "~/components/states";
import { TabList } from "~/components/TabList";
import { KINDS } from "./kinds";
import type { SourceSearch } from "./routes";
import { Setup } from "./Setup";
import { useSource } from "./source";

const Schema = lazy(() => import("./Schema"));
const PlanTab = lazy(() => import("./PlanTab"));
const SourceSettings = lazy(() => import("./SourceSettings"));

const route = getRouteApi("/shell/sources/$name");

/** How often it is asked; more often while somebody waits for the first event. */
const EVERY_MS = 5_000;
const WAITING_MS = 2_000;

export default function Source() {
  const { name } = route.useParams();
  const query = useSource(name, (detail) => (detail?.last_seen ? EVERY_MS : WAITING_MS));
  return (
    <>
      <PageHeader
        title={name}
        crumbs={[{ label: "Sources", link: { to: "/sources" } }]}
        badges={query.data && <Badges detail={query.data} />}
      />
      <Loaded query={query}>{(detail) => <Body key={name} detail={detail} />}</Loaded>
    </>
  );
}

function Badges({ detail }: { detail: SourceDetail }) {
  const { type = "server", enabled = true } = detail.source;
  return (
    <>
      <Badge>{KINDS[type].label}</Badge>
      {!enabled && <Badge color="gray">Off</Badge>}
      {enabled && !detail.last_seen && <Badge color="yellow">No events yet</Badge>}
    </>
  );
}

function Body({ detail }: { detail: SourceDetail }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const tab = search.tab ?? (detail.last_seen ? "schema" : "setup");
  const go = (next: Partial<SourceSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <Tabs
      value={tab}
      onChange={(chosen) => void navigate({ search: { tab: chosen as SourceSearch["tab"] } })}
    >
      <TabList mb="md" aria-label="Parts of the source">
        <Tabs.Tab value="setup" leftSection={<IconRocket size={16} />}>
          Setup
        </Tabs.Tab>
        <Tabs.Tab value="schema" leftSection={<IconListDetails size={16} />}>
          Schema
        </Tabs.Tab>
        <Tabs.Tab value="plan" leftSection={<IconCertificate size={16} />}>
          Plan and violations
        </Tabs.Tab>
        <Tabs.Tab value="settings" leftSection={<IconAdjustments size={16} />}>
          Settings
        </Tabs.Tab>
      </TabList>
      <Tabs.Panel value="setup">
        <Setup detail={detail} sdk={search.sdk} onSdk={(sdk) => go({ tab: "setup", sdk })} />
      </Tabs.Panel>
      <Suspense fallback={<Loading />}>
        <Tabs.Panel value="schema">
          <Schema detail={detail} search={search} onSearch={(next) => go({ tab: "schema", ...next })} />
        </Tabs.Panel>
        <Tabs.Panel value="plan">
          <PlanTab detail={detail} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <SourceSettings key={detail.version} detail={detail} />
        </Tabs.Panel>
      </Suspense>
    </Tabs>
  );
}

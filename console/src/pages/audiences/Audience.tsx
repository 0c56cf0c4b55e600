/** One audience: how it goes, who is in it, whom it shares, who is told, what it is. */

import { Badge, Tabs } from "@mantine/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { AudienceLine } from "~/api/schema";
import { Connections } from "~/components/definition/Connections";
import { DefinitionHeader } from "~/components/definition/DefinitionHeader";
import { SettingsTab } from "~/components/definition/SettingsTab";
import { Loaded, Loading } from "~/components/states";
import { TabList } from "~/components/TabList";
import { count } from "~/format/format";
import { MembersTab } from "./MembersTab";
import { OverlapTab } from "./OverlapTab";
import { OverviewTab } from "./OverviewTab";
import { useAudience } from "./queries";
import type { Tab } from "./routes";

const EditTab = lazy(() => import("~/components/definition/EditTab"));

export default function Audience() {
  const { key } = useParams({ from: "/shell/audiences/$key" });
  const search = useSearch({ from: "/shell/audiences/$key" });
  const query = useAudience(key, search.collection);
  return (
    <>
      <DefinitionHeader
        definitionKey={key}
        line={query.data}
        above={{ label: "Audiences", link: { to: "/audiences" } }}
      />
      <Loaded query={query}>{(found) => <Shown line={found} tab={search.tab ?? "overview"} />}</Loaded>
    </>
  );
}

function Shown({ line, tab }: { line: AudienceLine; tab: Tab }) {
  const navigate = useNavigate({ from: "/audiences/$key" });
  return (
    <Tabs
      value={tab}
      onChange={(next) =>
        void navigate({
          search: ({ collection }) => ({ collection, tab: next === "overview" ? undefined : (next as Tab) }),
        })
      }
    >
      <TabList mb="lg">
        <Tabs.Tab value="overview">Overview</Tabs.Tab>
        <Tabs.Tab value="members">
          Members <Badge color="gray">{count(line.size)}</Badge>
        </Tabs.Tab>
        <Tabs.Tab value="overlap">Overlap</Tabs.Tab>
        <Tabs.Tab value="destinations">
          Destinations{" "}
          {line.destinations.length > 0 && <Badge color="gray">{line.destinations.length}</Badge>}
        </Tabs.Tab>
        <Tabs.Tab value="definition">Definition</Tabs.Tab>
        <Tabs.Tab value="settings">Settings</Tabs.Tab>
      </TabList>
      <Tabs.Panel value="overview">
        <OverviewTab line={line} />
      </Tabs.Panel>
      <Tabs.Panel value="members">
        <MembersTab line={line} />
      </Tabs.Panel>
      <Tabs.Panel value="overlap">
        <OverlapTab line={line} />
      </Tabs.Panel>
      <Tabs.Panel value="destinations">
        <Connections section="audiences" line={line} />
      </Tabs.Panel>
      <Tabs.Panel value="definition">
        <Suspense fallback={<Loading />}>
          <EditTab section="audiences" line={line} />
        </Suspense>
      </Tabs.Panel>
      <Tabs.Panel value="settings">
        <SettingsTab section="audiences" line={line} onDeleted={() => navigate({ to: "/audiences" })} />
      </Tabs.Panel>
    </Tabs>
  );
}

/** One computed trait: which values people have, who is told, what it is. */

import { Badge, Tabs } from "@mantine/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { TraitLine } from "~/api/schema";
import { Connections } from "~/components/definition/Connections";
import { DefinitionHeader } from "~/components/definition/DefinitionHeader";
import { SettingsTab } from "~/components/definition/SettingsTab";
import { Loaded, Loading } from "~/components/states";
import { TabList } from "~/components/TabList";
import { OverviewTab } from "./OverviewTab";
import { useTrait } from "./queries";
import type { Tab } from "./routes";

const EditTab = lazy(() => import("~/components/definition/EditTab"));

export default function Trait() {
  const { key } = useParams({ from: "/shell/traits/$key" });
  const search = useSearch({ from: "/shell/traits/$key" });
  const query = useTrait(key, search.collection);
  return (
    <>
      <DefinitionHeader
        definitionKey={key}
        line={query.data}
        above={{ label: "Traits", link: { to: "/traits" } }}
      />
      <Loaded query={query}>{(found) => <Shown line={found} tab={search.tab ?? "overview"} />}</Loaded>
    </>
  );
}

function Shown({ line, tab }: { line: TraitLine; tab: Tab }) {
  const navigate = useNavigate({ from: "/traits/$key" });
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
        <Tabs.Tab value="overview">Values</Tabs.Tab>
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
      <Tabs.Panel value="destinations">
        <Connections section="traits" line={line} />
      </Tabs.Panel>
      <Tabs.Panel value="definition">
        <Suspense fallback={<Loading />}>
          <EditTab section="traits" line={line} />
        </Suspense>
      </Tabs.Panel>
      <Tabs.Panel value="settings">
        <SettingsTab section="traits" line={line} onDeleted={() => navigate({ to: "/traits" })} />
      </Tabs.Panel>
    </Tabs>
  );
}

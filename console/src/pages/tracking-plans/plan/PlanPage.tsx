/** One tracking plan, in tabs that share one draft. */

import { Badge, Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { $api } from "~/api/client";
import type { PlanDetail } from "~/api/schema";
import { type Crumb, PageHeader } from "~/components/PageHeader";
import { Loaded, Loading } from "~/components/states";
import { TabList } from "~/components/TabList";
import { count } from "~/format/format";
import { stance } from "../model/controls";
import type { Tab } from "../routes";
import { ControlsTab } from "./ControlsTab";
import { PlanContext, useDraft } from "./context";
import { DryRunTab } from "./DryRunTab";
import { InferTab } from "./InferTab";
import { PlanMenu } from "./PlanMenu";
import { RulesTab } from "./RulesTab";
import { SaveBar } from "./SaveBar";
import { SourcesTab } from "./SourcesTab";
import { VersionsTab } from "./VersionsTab";

const ViolationsTab = lazy(() => import("./ViolationsTab"));

const route = getRouteApi("/shell/tracking-plans/$name");

const CRUMBS: Crumb[] = [{ label: "Tracking plans", link: { to: "/tracking-plans" } }];

/** On a phone the tabs scroll: the one that one is on is in sight. */
function showActive(list: HTMLDivElement | null) {
  list?.querySelector("[data-active]")?.scrollIntoView({ inline: "center", block: "nearest" });
}

export default function PlanPage() {
  const { name } = route.useParams();
  const plan = $api.useQuery("get", "/api/v1/tracking-plans/{name}", { params: { path: { name } } });
  if (plan.data === undefined)
    return (
      <>
        <PageHeader title={name} crumbs={CRUMBS} />
        <Loaded query={plan}>{() => null}</Loaded>
      </>
    );
  return <Plan key={name} detail={plan.data} />;
}

function Plan({ detail }: { detail: PlanDetail }) {
  const { tab = "rules" } = route.useSearch();
  const navigate = route.useNavigate();
  const state = useDraft(detail);
  const { draft, saved } = state;
  const does = stance(saved.controls);

  return (
    <PlanContext value={state}>
      <PageHeader
        title={detail.name}
        crumbs={CRUMBS}
        description={saved.description || undefined}
        badges={
          <>
            <Badge color={does.color}>{does.label}</Badge>
            {detail.sources.length === 0 && <Badge color="yellow">No sources</Badge>}
          </>
        }
        actions={<PlanMenu />}
      />
      <Tabs
        value={tab}
        onChange={(next) => navigate({ search: { tab: (next ?? "rules") as Tab } })}
        keepMounted={false}
      >
        <TabList ref={showActive} mb="md" aria-label="Parts of the plan">
          <Tabs.Tab value="rules">Rules ({count(draft.rules.length)})</Tabs.Tab>
          <Tabs.Tab value="infer">From events</Tabs.Tab>
          <Tabs.Tab value="violations">Violations</Tabs.Tab>
          <Tabs.Tab value="controls">Controls</Tabs.Tab>
          <Tabs.Tab value="dry-run">Dry run</Tabs.Tab>
          <Tabs.Tab value="versions">Versions</Tabs.Tab>
          <Tabs.Tab value="sources">Sources ({count(detail.sources.length)})</Tabs.Tab>
        </TabList>
        <Tabs.Panel value="rules">
          <RulesTab />
        </Tabs.Panel>
        <Tabs.Panel value="infer">
          <InferTab />
        </Tabs.Panel>
        <Tabs.Panel value="violations">
          <Suspense fallback={<Loading />}>
            <ViolationsTab />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="controls">
          <ControlsTab />
        </Tabs.Panel>
        <Tabs.Panel value="dry-run">
          <DryRunTab />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <VersionsTab />
        </Tabs.Panel>
        <Tabs.Panel value="sources">
          <SourcesTab />
        </Tabs.Panel>
      </Tabs>
      <SaveBar />
    </PlanContext>
  );
}

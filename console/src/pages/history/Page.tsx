/** Who changed what, and the way back. */

import { Tabs } from "@mantine/core";
import { IconGitCommit, IconListDetails } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMay } from "~/api/session";
import { PageHeader } from "~/components/PageHeader";
import { NoPermission } from "~/components/states";
import { TabList } from "~/components/TabList";
import { Log } from "./Log";
import { VersionDrawer } from "./VersionDrawer";
import { Versions } from "./Versions";

const route = getRouteApi("/shell/history");

export default function Page() {
  const search = route.useSearch();
  const { tab = "versions" } = search;
  const navigate = useNavigate({ from: "/history" });
  const may = useMay("admin");
  return (
    <>
      <PageHeader
        title="History"
        description="Every change to the workspace is a version you can go back to. The audit log shows who did what."
      />
      <Tabs
        value={tab}
        onChange={(chosen) =>
          void navigate({ search: { tab: chosen === "log" ? "log" : undefined }, replace: true })
        }
      >
        <TabList mb="lg">
          <Tabs.Tab value="versions" leftSection={<IconGitCommit size={16} />}>
            Versions
          </Tabs.Tab>
          <Tabs.Tab value="log" leftSection={<IconListDetails size={16} />}>
            Audit log
          </Tabs.Tab>
        </TabList>
        <Tabs.Panel value="versions">
          <Versions />
        </Tabs.Panel>
        <Tabs.Panel value="log">
          {may ? <Log search={search} /> : <NoPermission>Only admins can see the audit log.</NoPermission>}
        </Tabs.Panel>
      </Tabs>
      <VersionDrawer number={search.version} against={search.against} />
    </>
  );
}

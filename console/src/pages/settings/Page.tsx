/** What concerns the whole workspace: settings, identity rules, tokens of the Profile API. */

import { Tabs } from "@mantine/core";
import { IconAdjustments, IconFingerprint, IconKey } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { PageHeader } from "~/components/PageHeader";
import { Loading } from "~/components/states";
import { TabList } from "~/components/TabList";
import { General } from "./General";
import type { SettingsSearch } from "./routes";

const IdentityTab = lazy(() => import("./IdentityTab"));
const ProfileApiTab = lazy(() => import("./ProfileApiTab"));

const route = getRouteApi("/shell/settings");

export default function Page() {
  const { tab = "general", rule } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader
        title="Settings"
        description="How this workspace behaves. You review every change before it is saved, and can undo it in the history."
      />
      <Tabs
        value={tab}
        onChange={(chosen) => void navigate({ search: { tab: chosen as SettingsSearch["tab"] } })}
      >
        <TabList mb="md">
          <Tabs.Tab value="general" leftSection={<IconAdjustments size={16} />}>
            General
          </Tabs.Tab>
          <Tabs.Tab value="identity" leftSection={<IconFingerprint size={16} />}>
            Identity rules
          </Tabs.Tab>
          <Tabs.Tab value="profile-api" leftSection={<IconKey size={16} />}>
            Profile API
          </Tabs.Tab>
        </TabList>
        <Tabs.Panel value="general">
          <General />
        </Tabs.Panel>
        <Suspense fallback={<Loading />}>
          <Tabs.Panel value="identity">
            <IdentityTab
              opened={rule}
              onOpen={(type) => void navigate({ search: { tab: "identity", rule: type }, replace: true })}
            />
          </Tabs.Panel>
          <Tabs.Panel value="profile-api">
            <ProfileApiTab />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </>
  );
}

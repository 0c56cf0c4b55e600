import { Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { PageHeader } from "~/components/PageHeader";
import { Duplicates } from "./Duplicates";
import { Quarantine } from "./Quarantine";
import type { IdentitiesSearch } from "./routes";

const route = getRouteApi("/shell/identities");

export default function Page() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader
        title="Identities"
        description="Ids that no longer merge profiles, and people who may have two profiles. Undo a merge on the profile’s Identity tab."
      />
      <Tabs
        value={search.tab ?? "quarantine"}
        onChange={(tab) => void navigate({ search: { tab: tab as IdentitiesSearch["tab"] } })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="quarantine">Quarantine</Tabs.Tab>
          <Tabs.Tab value="duplicates">Likely duplicates</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="quarantine">
          <Quarantine />
        </Tabs.Panel>
        <Tabs.Panel value="duplicates">
          <Duplicates
            search={search}
            go={(next) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true })}
          />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

/** Who may use this installation: people with a role, and tokens for programs. */

import { Tabs } from "@mantine/core";
import { IconKey, IconUsersGroup } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMay } from "~/api/session";
import { PageHeader } from "~/components/PageHeader";
import { NoPermission } from "~/components/states";
import { People } from "./People";
import { Tokens } from "./Tokens";

const route = getRouteApi("/shell/team");

export default function Page() {
  const { tab = "people" } = route.useSearch();
  const navigate = useNavigate({ from: "/team" });
  const may = useMay("admin");
  return (
    <>
      <PageHeader
        title="Team"
        description="Who can use the console and the API, and what they can do there."
      />
      {may ? (
        <Tabs
          value={tab}
          onChange={(chosen) =>
            void navigate({ search: { tab: chosen === "tokens" ? "tokens" : undefined }, replace: true })
          }
        >
          <Tabs.List mb="lg">
            <Tabs.Tab value="people" leftSection={<IconUsersGroup size={16} />}>
              Teammates
            </Tabs.Tab>
            <Tabs.Tab value="tokens" leftSection={<IconKey size={16} />}>
              API tokens
            </Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="people">
            <People />
          </Tabs.Panel>
          <Tabs.Panel value="tokens">
            <Tokens />
          </Tabs.Panel>
        </Tabs>
      ) : (
        <NoPermission>Only admins can see and manage the team.</NoPermission>
      )}
    </>
  );
}

import { Button, Tabs } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { May } from "~/components/May";
import { PageHeader } from "~/components/PageHeader";
import { Audit } from "./Audit";
import { NewRequest } from "./NewRequest";
import { Requests } from "./Requests";
import type { PrivacySearch } from "./routes";
import { Suppressions } from "./Suppressions";

const route = getRouteApi("/shell/privacy");

export default function Page() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [isOpen, { open, close }] = useDisclosure(false);
  const go = (next: Partial<PrivacySearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  return (
    <>
      <PageHeader
        title="Privacy"
        description="Suppress or delete users, here and in destinations, with a receipt from every system."
        actions={
          <May role="editor">
            <Button leftSection={<IconPlus size={16} />} onClick={open}>
              New request
            </Button>
          </May>
        }
      />
      <Tabs
        value={search.tab ?? "requests"}
        onChange={(tab) => void navigate({ search: { tab: tab as PrivacySearch["tab"] } })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="requests">Requests</Tabs.Tab>
          <Tabs.Tab value="suppressions">Suppressed users</Tabs.Tab>
          <Tabs.Tab value="audit">Audit</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="requests">
          <Requests search={search} go={go} onNew={open} />
        </Tabs.Panel>
        <Tabs.Panel value="suppressions">
          <Suppressions q={search.q ?? ""} onSearch={(q) => go({ q: q || undefined })} />
        </Tabs.Panel>
        <Tabs.Panel value="audit">
          <Audit of={search.of ?? null} onOf={(of) => go({ of: of ?? undefined })} />
        </Tabs.Panel>
      </Tabs>
      <NewRequest
        opened={isOpen}
        close={close}
        onMade={(request) => {
          close();
          void navigate({ search: { request } });
        }}
      />
    </>
  );
}

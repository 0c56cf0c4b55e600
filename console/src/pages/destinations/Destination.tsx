/** One destination: how it is doing, what it gets, what became of that, how it is set. */

import { Badge, Button, Group, Skeleton, Tabs } from "@mantine/core";
import {
  IconAdjustments,
  IconArrowsExchange,
  IconArrowsSplit,
  IconFilter,
  IconHeartbeat,
  IconRepeat,
  IconTargetArrow,
} from "@tabler/icons-react";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { $api } from "~/api/client";
import type { DestinationDetail, TypeShape } from "~/api/schema";
import { Initials } from "~/components/Initials";
import { May } from "~/components/May";
import { PageHeader } from "~/components/PageHeader";
import { ReceiptDrawer } from "~/components/receipts";
import { Failed, Loading } from "~/components/states";
import { TabList } from "~/components/TabList";
import { useDestination, useType } from "./destination";
import type { Tab } from "./routes";
import { asState, StateBadge } from "./state";

const HealthTab = lazy(() => import("./health/HealthTab"));
const MappingsTab = lazy(() => import("./mappings/MappingsTab"));
const FiltersTab = lazy(() => import("./filters/FiltersTab"));
const ReceiptsTab = lazy(() => import("./ReceiptsTab"));
const AudiencesTab = lazy(() => import("./AudiencesTab"));
const SettingsTab = lazy(() => import("./settings/SettingsTab"));

const LABELS: { tab: Tab; label: string; icon: typeof IconHeartbeat }[] = [
  { tab: "health", label: "Health", icon: IconHeartbeat },
  { tab: "mappings", label: "Mappings", icon: IconArrowsSplit },
  { tab: "filters", label: "Filters", icon: IconFilter },
  { tab: "receipts", label: "Receipts", icon: IconArrowsExchange },
  { tab: "audiences", label: "Audiences", icon: IconTargetArrow },
  { tab: "settings", label: "Settings", icon: IconAdjustments },
];

const CRUMBS = [{ label: "Destinations", link: { to: "/destinations" } }] as const;

const EVERY_MS = 10_000;

export default function Destination() {
  const { name } = useParams({ from: "/shell/destinations/$name" });
  const detail = useDestination(name);
  const type = useType(detail.data?.destination.type ?? "");
  if (detail.data && (type.data || type.error))
    return <Shown key={detail.data.destination.name} detail={detail.data} type={type.data} />;
  return (
    <>
      <PageHeader title={name} crumbs={[...CRUMBS]} />
      {detail.error ? <Failed error={detail.error} retry={() => void detail.refetch()} /> : <Loading />}
    </>
  );
}

/** `type` is missing when the package that brings it is not installed. */
function Shown({ detail, type }: { detail: DestinationDetail; type: TypeShape | undefined }) {
  const { destination } = detail;
  const search = useSearch({ from: "/shell/destinations/$name" });
  const navigate = useNavigate({ from: "/destinations/$name" });
  const overview = $api.useQuery("get", "/api/v1/overview", {}, { refetchInterval: EVERY_MS });
  const now = overview.data?.destinations.find((each) => each.name === destination.name);
  const { tab = "health" } = search;
  const isOff = destination.enabled === false;
  const counts: Partial<Record<Tab, number>> = {
    mappings: destination.mappings?.length,
    filters: destination.filters?.length,
    audiences: detail.connected.length,
  };
  const openReceipt = (receipt: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, receipt }), resetScroll: false });
  return (
    <>
      <PageHeader
        title={destination.name}
        crumbs={[...CRUMBS]}
        icon={<Initials name={type?.label ?? destination.type} size="lg" />}
        badges={
          <Group gap="xs">
            <Badge color="gray">{type?.label ?? destination.type}</Badge>
            {(isOff || now) && <StateBadge state={isOff || !now ? "off" : asState(now.state)} />}
          </Group>
        }
        description={describe(detail)}
        actions={
          <May role="editor">
            <Button
              variant="default"
              leftSection={<IconRepeat size={16} />}
              renderRoot={(props) => (
                <Link to="/replays/-/new" search={{ to: destination.name }} {...props} />
              )}
            >
              Replay events
            </Button>
          </May>
        }
      />
      {!type && (
        <Failed
          error={
            new Error(
              `The destination type ${destination.type} is not installed, so nothing is sent. Reinstall the package that provides it.`,
            )
          }
        />
      )}
      <Tabs
        value={tab}
        onChange={(next) => void navigate({ search: { tab: next as Tab }, resetScroll: false })}
      >
        <TabList mb="md">
          {LABELS.map(({ tab: each, label, icon: Icon }) => (
            <Tabs.Tab
              key={each}
              value={each}
              ref={each === tab ? intoView : undefined}
              leftSection={<Icon size={16} aria-hidden />}
              rightSection={
                counts[each] ? (
                  <Badge size="xs" color="gray">
                    {counts[each]}
                  </Badge>
                ) : undefined
              }
            >
              {label}
            </Tabs.Tab>
          ))}
        </TabList>
        <Suspense fallback={<Skeleton height={320} />}>
          <Tabs.Panel value="health">
            <HealthTab detail={detail} now={now} />
          </Tabs.Panel>
          <Tabs.Panel value="mappings">{type && <MappingsTab detail={detail} type={type} />}</Tabs.Panel>
          <Tabs.Panel value="filters">
            <FiltersTab detail={detail} />
          </Tabs.Panel>
          <Tabs.Panel value="receipts">
            <ReceiptsTab name={destination.name} onOpen={openReceipt} />
          </Tabs.Panel>
          <Tabs.Panel value="audiences">
            <AudiencesTab detail={detail} type={type} />
          </Tabs.Panel>
          <Tabs.Panel value="settings">{type && <SettingsTab detail={detail} type={type} />}</Tabs.Panel>
        </Suspense>
      </Tabs>
      <ReceiptDrawer
        id={search.receipt ?? null}
        onClose={() => openReceipt(undefined)}
        onOpen={openReceipt}
      />
    </>
  );
}

/** Where there is no room for all tabs, the one that is open is seen. */
function intoView(tab: HTMLElement | null): void {
  tab?.scrollIntoView({ block: "nearest", inline: "center" });
}

function describe({ sources, connected, transformations }: DestinationDetail): string {
  const events = sources.length
    ? `Receives events from ${sources.join(", ")}`
    : "Receives no events from sources";
  const synced = connected.length ? `, and syncs ${connected.map((each) => each.name).join(", ")}` : "";
  const changed = transformations.length ? ` Transformed by ${transformations.join(", ")}.` : "";
  return `${events}${synced}.${changed}`;
}

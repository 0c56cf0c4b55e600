/** All tracking plans: what each holds, for whom, what is broken of it, and whether it decides anything. */

import { Anchor, Badge, Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCertificate, IconPlus, IconSearch } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { $api } from "~/api/client";
import type { PlanSummary } from "~/api/schema";
import { type Column, DataTable } from "~/components/DataTable";
import { May } from "~/components/May";
import { PageHeader } from "~/components/PageHeader";
import { Empty, Loaded } from "~/components/states";
import { Typed } from "~/components/Typed";
import { count, counted } from "~/format/format";
import { inWords, stance } from "./model/controls";
import { NewPlan } from "./NewPlan";

const route = getRouteApi("/shell/tracking-plans");

/** As many as one workspace can reasonably have; the API gives a thousand at most. */
const PLANS = 1_000;

export default function Page() {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const [isMaking, making] = useDisclosure();
  const plans = $api.useQuery("get", "/api/v1/tracking-plans", { params: { query: { limit: PLANS } } });
  const search = (text: string) => navigate({ search: { q: text || undefined }, replace: true });
  const open = (plan: PlanSummary) => navigate({ to: "/tracking-plans/$name", params: { name: plan.name } });
  const add = (
    <May role="editor">
      <Button leftSection={<IconPlus size={16} />} onClick={making.open}>
        New plan
      </Button>
    </May>
  );

  return (
    <>
      <PageHeader
        title="Tracking plans"
        description="Define which events to expect and what they look like. Report, clean or block violations for each source."
        actions={add}
      />
      <Loaded query={plans}>
        {({ data }) => {
          const wanted = q.toLowerCase();
          const shown = data.filter((plan) =>
            `${plan.name} ${plan.description} ${plan.sources.join(" ")}`.toLowerCase().includes(wanted),
          );
          if (data.length === 0)
            return (
              <Empty icon={IconCertificate} title="No tracking plans yet" action={add}>
                A plan defines what your events should look like. Start from what a source has already sent;
                the plan only reports violations until you enforce it.
              </Empty>
            );
          return (
            <>
              {data.length > 5 && (
                <Typed
                  aria-label="Search plans"
                  placeholder="Search by name or source"
                  leftSection={<IconSearch size={16} />}
                  value={q}
                  onTyped={search}
                  mb="md"
                  maw={360}
                />
              )}
              {shown.length === 0 ? (
                <Empty icon={IconSearch} title={`No plan matches “${q}”`} />
              ) : (
                <DataTable
                  label="Tracking plans"
                  columns={COLUMNS}
                  rows={shown}
                  rowKey={(plan) => plan.name}
                  onOpen={open}
                  rowHeight={64}
                  footer={counted(shown.length, "plan")}
                />
              )}
            </>
          );
        }}
      </Loaded>
      {isMaking && <NewPlan onClose={making.close} />}
    </>
  );
}

const COLUMNS: Column<PlanSummary>[] = [
  {
    key: "name",
    label: "Plan",
    isTitle: true,
    width: "minmax(12rem, 2fr)",
    cell: (plan) => (
      <>
        <Anchor
          renderRoot={(props) => <Link to="/tracking-plans/$name" params={{ name: plan.name }} {...props} />}
          fw={600}
        >
          {plan.name}
        </Anchor>
        {plan.description && (
          <Text size="sm" c="dimmed" lineClamp={1} fw={400}>
            {plan.description}
          </Text>
        )}
      </>
    ),
  },
  { key: "rules", label: "Rules", width: "5rem", align: "right", cell: (plan) => count(plan.rules) },
  {
    key: "sources",
    label: "Sources",
    width: "minmax(8rem, 1.5fr)",
    cell: (plan) =>
      plan.sources.length === 0 ? (
        <Text span size="sm" c="dimmed">
          No sources yet
        </Text>
      ) : (
        <Group gap={4}>
          {plan.sources.slice(0, 3).map((source) => (
            <Badge key={source} color="gray">
              {source}
            </Badge>
          ))}
          {plan.sources.length > 3 && <Text size="sm">and {count(plan.sources.length - 3)} more</Text>}
        </Group>
      ),
  },
  {
    key: "violations",
    label: "Violations (24 h)",
    width: "9rem",
    align: "right",
    cell: (plan) => (
      <Anchor
        renderRoot={(props) => (
          <Link
            to="/tracking-plans/$name"
            params={{ name: plan.name }}
            search={{ tab: "violations" }}
            {...props}
          />
        )}
        c={plan.violations_24_hours ? undefined : "dimmed"}
        aria-label={`${count(plan.violations_24_hours)} violations of ${plan.name} in 24 hours`}
      >
        {count(plan.violations_24_hours)}
      </Anchor>
    ),
  },
  {
    key: "controls",
    label: "Enforcement",
    width: "minmax(12rem, 2fr)",
    cell: (plan) => {
      const { label, color } = stance(plan.controls);
      const words = inWords(plan.controls);
      return (
        <>
          <Badge color={color}>{label}</Badge>
          {words.length > 0 && (
            <Text size="xs" c="dimmed" lineClamp={2} fw={400} mt={2}>
              {words.slice(0, 2).join(", ")}
              {words.length > 2 && `, and ${words.length - 2} more`}
            </Text>
          )}
        </>
      );
    },
  },
];

/** The tracking plan a source is held to, and what has been broken of it. */

import { Alert, Anchor, Badge, Button, Drawer, Group, Paper, Select, Stack, Text } from "@mantine/core";
import { IconCertificate, IconCircleCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { $api, api } from "~/api/client";
import type { SourceDetail, ViolationLine, ViolationPage } from "~/api/schema";
import { useMay } from "~/api/session";
import { type Column, DataTable } from "~/components/DataTable";
import { Json } from "~/components/Json";
import { nextPage } from "~/components/nextPage";
import { review } from "~/components/review";
import { Empty, Loaded } from "~/components/states";
import { Time } from "~/components/Time";
import { count, counted } from "~/format/format";
import { put, whole } from "./source";

const PAGE = 100;
const EVERY_MS = 10_000;

export default function PlanTab({ detail }: { detail: SourceDetail }) {
  const source = whole(detail.source);
  return (
    <Stack>
      <Choice detail={detail} />
      {source.tracking_plan ? (
        <Violations plan={source.tracking_plan} source={source.name} />
      ) : (
        <Empty
          icon={IconCertificate}
          title="No tracking plan"
          action={
            <Button renderRoot={(props) => <Link to="/tracking-plans" {...props} />} variant="light">
              View tracking plans
            </Button>
          }
        >
          A tracking plan defines which events to expect and what they look like. You can create one from what
          this source has sent. Violations are then counted here, and blocked if you choose.
        </Empty>
      )}
    </Stack>
  );
}

function Choice({ detail }: { detail: SourceDetail }) {
  const may = useMay("editor");
  const source = whole(detail.source);
  const plans = $api.useQuery("get", "/api/v1/tracking-plans", { params: { query: { limit: 1000 } } });
  const ask = (plan: string) => {
    const next = { ...source, tracking_plan: plan, controls: plan ? source.controls : null };
    review({
      title: plan ? `Use ${plan} for ${source.name}` : `Remove the plan from ${source.name}`,
      notes: plan
        ? ["New events are checked against the plan. Its controls decide what happens to violations."]
        : ["Events are no longer checked, cleaned or blocked. Events already blocked stay in dead letters."],
      ask: put(detail, next),
    });
  };
  return (
    <Paper p="md">
      <Group align="flex-end">
        <Select
          label="Tracking plan"
          description="Events from this source are checked against it."
          placeholder="None"
          data={plans.data?.data.map((plan) => plan.name) ?? []}
          value={source.tracking_plan || null}
          onChange={(plan) => plan !== (source.tracking_plan || null) && ask(plan ?? "")}
          clearable
          clearButtonProps={{ "aria-label": "Remove the plan" }}
          disabled={!may}
          nothingFoundMessage="No plans yet"
          w={{ base: "100%", xs: 320 }}
        />
        {source.tracking_plan && (
          <Anchor
            renderRoot={(props) => (
              <Link to="/tracking-plans/$name" params={{ name: source.tracking_plan }} {...props} />
            )}
          >
            Open {source.tracking_plan}
          </Anchor>
        )}
      </Group>
    </Paper>
  );
}

function Violations({ plan, source }: { plan: string; source: string }) {
  const [opened, setOpened] = useState<ViolationLine>();
  const query = useInfiniteQuery({
    queryKey: ["violations", plan, source],
    queryFn: async ({ pageParam, signal }): Promise<ViolationPage> => {
      const params = { path: { name: plan }, query: { source, limit: PAGE, cursor: pageParam } };
      return (await api.GET("/api/v1/tracking-plans/{name}/violations", { params, signal }))
        .data as ViolationPage;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: EVERY_MS,
  });
  return (
    <Loaded query={query}>
      {({ pages }) => {
        const rows = pages.flatMap((page) => page.data);
        const uncounted = pages[0]?.uncounted ?? 0;
        if (rows.length === 0)
          return (
            <Empty icon={IconCircleCheck} title="No violations">
              No event has broken the plan in the last 30 days.
            </Empty>
          );
        return (
          <>
            {uncounted > 0 && (
              <Alert color="orange" title="Too many different violations">
                {counted(uncounted, "more violation is", "more violations are")} not listed individually.
              </Alert>
            )}
            <DataTable
              label="Violations"
              columns={COLUMNS}
              rows={rows}
              rowKey={(row) => row.id}
              rowHeight={61}
              onOpen={setOpened}
              onEnd={nextPage(query)}
              isFetching={query.isFetchingNextPage}
              footer={`${counted(rows.length, "distinct violation")}${query.hasNextPage ? " so far" : ""}`}
            />
            <Samples violation={opened} onClose={() => setOpened(undefined)} />
          </>
        );
      }}
    </Loaded>
  );
}

const COLUMNS: Column<ViolationLine>[] = [
  {
    key: "event",
    label: "Event",
    width: "minmax(0, 1.5fr)",
    isTitle: true,
    cell: (row) => (
      <Group gap={6} wrap="nowrap">
        <Badge color="gray" variant="outline">
          {row.call}
        </Badge>
        <Text fw={550} truncate>
          {row.event || row.call}
        </Text>
      </Group>
    ),
  },
  {
    key: "what",
    label: "Violation",
    width: "minmax(0, 2.4fr)",
    cell: (row) => (
      <div style={{ minWidth: 0 }}>
        <Text size="sm" lineClamp={1} title={row.description}>
          {row.description || row.type}
        </Text>
        {row.field && (
          <Text size="xs" c="dimmed" ff="monospace" truncate>
            {row.field}
          </Text>
        )}
      </div>
    ),
  },
  { key: "hour", label: "Last hour", width: "5.5rem", align: "right", cell: (row) => count(row.last_hour) },
  { key: "day", label: "24 hours", width: "5.5rem", align: "right", cell: (row) => count(row.last_24_hours) },
  { key: "week", label: "7 days", width: "5rem", align: "right", cell: (row) => count(row.last_7_days) },
  { key: "last", label: "Last seen", width: "minmax(7rem, 1fr)", cell: (row) => <Time at={row.last_seen} /> },
];

function Samples({ violation, onClose }: { violation: ViolationLine | undefined; onClose: () => void }) {
  return (
    <Drawer
      opened={violation !== undefined}
      onClose={onClose}
      title={violation && (violation.event || violation.call)}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {violation && (
        <Stack>
          <Text>{violation.description || violation.type}</Text>
          <Text size="sm" c="dimmed">
            {counted(violation.total, "event")} since <Time at={violation.first_seen} exact />. Newest
            samples:
          </Text>
          {violation.samples.map((sample) => (
            <div key={sample.message_id}>
              <Group justify="space-between" mb={4}>
                <Text size="sm">
                  <Time at={sample.received_at} />
                  {sample.user_id && ` by ${sample.user_id}`}
                </Text>
                <Anchor
                  size="sm"
                  renderRoot={(props) => (
                    <Link to="/events/$messageId" params={{ messageId: sample.message_id }} {...props} />
                  )}
                >
                  View trace
                </Anchor>
              </Group>
              <Json value={pretty(sample.payload)} label={`Event ${sample.message_id}`} />
            </div>
          ))}
        </Stack>
      )}
    </Drawer>
  );
}

/** Samples are cut off when they are long, and then no JSON any more. */
function pretty(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
}

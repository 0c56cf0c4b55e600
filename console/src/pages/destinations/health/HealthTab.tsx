/** How delivery to a destination goes: numbers, a chart, and the reasons with samples and what to do. */

import {
  Accordion,
  Alert,
  Badge,
  Button,
  Group,
  Paper,
  SegmentedControl,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  Title,
  UnstyledButton,
} from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconMoon, IconRepeat } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { $api } from "~/api/client";
import type { DeliveryReason, DeliveryReport, DestinationDetail, DestinationNow } from "~/api/schema";
import { Figure } from "~/components/Figure";
import { May } from "~/components/May";
import { Prose } from "~/components/Prose";
import { STATUSES, StatusBadge, useReasons } from "~/components/receipts";
import { Empty, Loaded } from "~/components/states";
import { Time } from "~/components/Time";
import { count, counted, duration, share } from "~/format/format";
import { type Span, STEP_MINUTES, stepsOf } from "./steps";

const DeliveryChart = lazy(() => import("./DeliveryChart"));

const SPANS = [
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "24 hours" },
  { value: "7d", label: "7 days" },
];

const EVERY_MS = 10_000;

interface Props {
  detail: DestinationDetail;
  now: DestinationNow | undefined;
}

export default function HealthTab({ detail, now }: Props) {
  const { name } = detail.destination;
  const { since = "1h" } = useSearch({ from: "/shell/destinations/$name" });
  const navigate = useNavigate({ from: "/destinations/$name" });
  const query = $api.useQuery(
    "get",
    "/api/v1/destinations/{name}/delivery",
    { params: { path: { name }, query: { since, samples: 3, step: STEP_MINUTES[since] } } },
    { refetchInterval: EVERY_MS, placeholderData: (before) => before },
  );
  const go = (span: Span) =>
    void navigate({
      search: (before) => ({ ...before, since: span }),
      replace: true,
      resetScroll: false,
    });
  return (
    <Stack>
      <Attention name={name} />
      <Group justify="flex-end">
        <SegmentedControl
          aria-label="Time"
          data={SPANS}
          value={since}
          onChange={(span) => go(span as Span)}
        />
      </Group>
      <Loaded query={query}>
        {(report) => (
          <Stack>
            {(report.minutes.length > 0 || report.pending > 0) && <Figures report={report} now={now} />}
            {report.minutes.length > 0 ? (
              <>
                <Paper p="md">
                  <Suspense fallback={<Skeleton height={400} />}>
                    <DeliveryChart steps={stepsOf(report, since)} />
                  </Suspense>
                </Paper>
                <Reasons report={report} since={since} />
              </>
            ) : (
              <Quiet detail={detail} since={since} go={go} />
            )}
          </Stack>
        )}
      </Loaded>
    </Stack>
  );
}

interface QuietProps {
  detail: DestinationDetail;
  since: Span;
  go: (span: Span) => void;
}

/** Instead of charts with nothing in them: why that may be, and where to look next. */
function Quiet({ detail, since, go }: QuietProps) {
  const { destination, sources } = detail;
  return (
    <Empty
      icon={IconMoon}
      title={`No activity in the last ${since === "1h" ? "hour" : since === "24h" ? "24 hours" : "7 days"}`}
      action={
        since === "7d" ? undefined : (
          <Button variant="default" onClick={() => go("7d")}>
            Show 7 days
          </Button>
        )
      }
    >
      {destination.enabled === false
        ? "This destination is off. Enable it in its settings to start sending."
        : sources.length === 0
          ? "No source is connected. Choose sources in the settings, or connect an audience or trait."
          : `Nothing has arrived from ${sources.join(", ")} for this destination.`}
    </Empty>
  );
}

/** What the platform as a whole has to say about this destination. */
function Attention({ name }: { name: string }) {
  const overview = $api.useQuery("get", "/api/v1/overview", {}, { refetchInterval: EVERY_MS });
  const said = overview.data?.attention.filter((each) => each.subject === name) ?? [];
  return said.map((each) => (
    <Alert
      key={`${each.rule} ${each.what}`}
      color={each.severity === "critical" ? "red" : each.severity === "warning" ? "orange" : "blue"}
      icon={<IconAlertTriangle />}
      title={each.what}
    >
      {each.why} {each.fix}
    </Alert>
  ));
}

function Figures({ report, now }: { report: DeliveryReport; now: DestinationNow | undefined }) {
  const attempts = report.delivered + report.failed + report.retrying;
  const missed = report.failed + report.retrying;
  return (
    <SimpleGrid cols={{ base: 2, md: 3, lg: 6 }} spacing="sm">
      <Figure label="Delivered" value={count(report.delivered)} />
      <Figure
        label="Failed"
        value={count(report.failed)}
        tone={report.failed ? "bad" : undefined}
        hint="Rejected, or given up after the last retry. Kept as dead letters."
      />
      <Figure
        label="Failure rate"
        value={attempts ? share(missed / attempts) : "–"}
        note={attempts ? `${count(missed)} of ${counted(attempts, "attempt")}` : "Nothing sent"}
        tone={missed > attempts * 0.1 ? "bad" : missed ? "warn" : undefined}
      />
      <Figure
        label="Filtered"
        value={count(report.filtered)}
        hint="Not meant for this destination: no consent, a filter, or no matching mapping. Nothing was sent."
      />
      <Figure
        label="Median latency"
        value={report.p50_ms ? duration(report.p50_ms) : "–"}
        note={report.p95_ms ? `p95 ${duration(report.p95_ms)}` : undefined}
        hint="Half of the attempts were at least this fast; 95% were faster than p95."
      />
      <Figure
        label="Retrying now"
        value={count(report.pending)}
        note={now?.lag_events ? `${count(now.lag_events)} more queued` : undefined}
        tone={report.pending ? "warn" : undefined}
      />
    </SimpleGrid>
  );
}

function Reasons({ report, since }: { report: DeliveryReport; since: Span }) {
  const found = report.reasons.filter((each) => each.reason);
  return (
    <Paper p="md">
      <Title order={2} size="h4" mb="xs">
        Why events were not delivered
      </Title>
      {found.length === 0 ? (
        <Group gap="xs">
          <IconCircleCheck size={18} color="var(--mantine-color-green-light-color)" aria-hidden />
          <Text c="dimmed">No failed, retried or filtered events.</Text>
        </Group>
      ) : (
        <Accordion chevronPosition="left" multiple defaultValue={worst(found)}>
          {found.map((each) => (
            <Reason key={`${each.status} ${each.reason}`} each={each} report={report} since={since} />
          ))}
        </Accordion>
      )}
    </Paper>
  );
}

/** Open at first: the most frequent failure. */
function worst(reasons: DeliveryReason[]): string[] {
  const failed = reasons.find((each) => each.status === "failed" || each.status === "retrying");
  return failed ? [`${failed.status}-${failed.reason}`] : [];
}

function Reason({ each, report, since }: { each: DeliveryReason; report: DeliveryReport; since: Span }) {
  const explain = useReasons();
  const navigate = useNavigate({ from: "/destinations/$name" });
  const said = explain(each.reason);
  const { destination } = report;
  return (
    <Accordion.Item value={`${each.status}-${each.reason}`}>
      <Accordion.Control>
        <Group gap="sm">
          <StatusBadge status={each.status} />
          <Text fw={550} style={{ overflowWrap: "anywhere" }} flex="1 1 12rem">
            {said?.meaning.replaceAll("`", "") ?? each.reason}
          </Text>
          <Badge color="gray" visibleFrom="sm">
            {each.reason}
          </Badge>
          <Text className="hw-figures" fw={600}>
            {count(each.count)}
          </Text>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="sm">
          <Text size="sm">{STATUSES[each.status].means}</Text>
          {said?.advice && (
            <Text size="sm">
              <b>What to do:</b> <Prose>{said.advice}</Prose>
            </Text>
          )}
          {each.samples.length > 0 && (
            <div>
              <Text size="sm" c="dimmed" mb={4}>
                Latest examples
              </Text>
              {each.samples.map((sample) => (
                <UnstyledButton
                  key={sample.id}
                  display="block"
                  py={4}
                  onClick={() =>
                    void navigate({
                      search: (before) => ({ ...before, receipt: sample.id }),
                      resetScroll: false,
                    })
                  }
                >
                  <Text size="sm">
                    <Text span inherit td="underline">
                      {sample.event ?? sample.type}
                    </Text>{" "}
                    · {sample.user_id ?? sample.anonymous_id ?? "anonymous"} · <Time at={sample.at} />
                    {sample.message && ` · ${sample.message}`}
                  </Text>
                </UnstyledButton>
              ))}
            </div>
          )}
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              renderRoot={(props) => (
                <Link
                  to="/deliveries"
                  search={{ destination, status: each.status, reason: each.reason, since }}
                  {...props}
                />
              )}
            >
              View receipts
            </Button>
            {each.status === "failed" && (
              <May role="editor">
                <Button
                  size="xs"
                  leftSection={<IconRepeat size={14} />}
                  renderRoot={(props) => (
                    <Link
                      to="/replays/-/new"
                      search={{ from: "dead_letters", to: destination, reason: each.reason }}
                      {...props}
                    />
                  )}
                >
                  Replay failed events
                </Button>
              </May>
            )}
          </Group>
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}

/** What would become of one event: each step of its way, what changes, and the requests that would be made. */

import { Badge, Code, Group, Stack, Text, Timeline } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { DestinationPreview, StepLine } from "~/api/schema";
import { Changes } from "~/components/Changes";
import { type Request, RequestShown } from "~/components/Exchange";
import { Json } from "~/components/Json";
import { Failed, Loading } from "~/components/states";

const OUTCOMES: Record<string, { label: string; color: string }> = {
  sent: { label: "Would be sent", color: "green" },
  filtered: { label: "Would not be sent", color: "gray" },
  rejected: { label: "Would be rejected", color: "red" },
};

const STEPS: Record<string, string> = {
  sources: "Source is connected",
  consent: "Consent given",
  integrations: "Integrations object allows it",
  filters: "Destination filters",
  transformations: "Transformations",
  triggers: "Mapping matches",
};

export function EventPreview({ query }: { query: UseQueryResult<DestinationPreview> }) {
  if (query.error) return <Failed error={query.error} />;
  if (!query.data) return <Loading lines={5} />;
  const { data } = query;
  const outcome = OUTCOMES[data.outcome] ?? { label: data.outcome, color: "gray" };
  return (
    <Stack gap="md" opacity={query.isPlaceholderData ? 0.6 : 1} aria-busy={query.isFetching}>
      <Group gap="xs" role="status">
        <Badge color={outcome.color} size="lg">
          {outcome.label}
        </Badge>
        {data.message && <Text size="sm">{data.message}</Text>}
      </Group>
      <Timeline bulletSize={14} lineWidth={2} active={data.steps.length}>
        {data.steps.map((step) => (
          <Timeline.Item key={step.step} title={<Step step={step} />} pb={0}>
            {step.message && (
              <Text size="sm" c="dimmed">
                {step.message}
              </Text>
            )}
            {(step.changes?.length ?? 0) > 0 && <Changes changes={step.changes ?? []} />}
          </Timeline.Item>
        ))}
      </Timeline>
      {data.mappings.map((each) => (
        <Stack gap="xs" key={each.mapping}>
          <Group gap="xs">
            <Text fw={600}>{each.mapping}</Text>
            <Code>{each.action}</Code>
            {each.outcome === "rejected" && <Badge color="red">{each.reason}</Badge>}
          </Group>
          {each.message && (
            <Text size="sm" c="var(--mantine-color-error)">
              {each.message}
            </Text>
          )}
          {each.payload !== null && (
            <div>
              <Text size="sm" c="dimmed" mb={4}>
                Mapped data
              </Text>
              <Json value={each.payload} label="Mapped data" />
            </div>
          )}
          {each.requests.map((request, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: requests have their order and no other identity
            <RequestShown key={index} request={request as Request} />
          ))}
        </Stack>
      ))}
    </Stack>
  );
}

function Step({ step }: { step: StepLine }) {
  const color = step.outcome === "stopped" ? "red" : step.outcome === "changed" ? "blue" : "green";
  return (
    <Group gap="xs">
      <Text size="sm" fw={500}>
        {STEPS[step.step] ?? step.step}
      </Text>
      <Badge size="sm" color={color}>
        {step.outcome === "stopped" ? "stopped" : step.outcome}
      </Badge>
    </Group>
  );
}

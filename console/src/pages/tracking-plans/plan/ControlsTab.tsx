/** What becomes of events that differ from the plan, as sentences with choices. */

import {
  Alert,
  Anchor,
  Badge,
  Button,
  Group,
  Paper,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowForwardUp, IconInfoCircle } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Controls, OnViolation, TraitControls } from "~/api/schema";
import { useMay } from "~/api/session";
import {
  CLEANED,
  ENFORCED,
  inWords,
  type OnBreach,
  onBreach,
  onCommonBreach,
  onUnplannedEvent,
  onUnplannedProperty,
  setOnBreach,
  tidy,
  withDecisions,
} from "../model/controls";
import { ownControls, useSourceNames, useWholeSources } from "../sources";
import { usePlan } from "./context";

const route = getRouteApi("/shell/tracking-plans/$name");

const PASSES = { value: "report", label: "Passes, reported" };

export function ControlsTab() {
  const { detail, draft, update } = usePlan();
  const navigate = route.useNavigate();
  const readOnly = !useMay("editor");
  const sources = useSourceNames();
  const { controls } = draft;
  const set = (change: Controls) =>
    update((before) => ({ ...before, controls: tidy({ ...before.controls, ...change }) }));
  const decide = (decisions: Controls) =>
    update((before) => ({ ...before, controls: withDecisions(before.controls, decisions) }));
  const words = inWords(controls);
  const own = useWholeSources(detail.sources)
    .filter(({ source }) => ownControls(source))
    .map(({ source }) => source.name);

  return (
    <Stack gap="lg">
      <Paper p="md">
        <Text fw={600}>
          {words.length === 0
            ? "This plan reports, and lets everything pass."
            : `This plan ${listed(words)}.`}
        </Text>
        <Text size="sm" c="dimmed" mt={4}>
          Everything that differs is counted on the tab Violations either way.
        </Text>
        {!readOnly && (
          <Group gap="xs" mt="sm">
            <Button size="xs" variant="default" onClick={() => decide({})}>
              Report only
            </Button>
            <Button size="xs" variant="default" onClick={() => decide(CLEANED)}>
              Leave out what breaks it
            </Button>
            <Button size="xs" variant="default" onClick={() => decide(ENFORCED)}>
              Block what breaks it
            </Button>
            <Button
              size="xs"
              variant="subtle"
              onClick={() => navigate({ search: { tab: "dry-run", enforce: "draft" } })}
            >
              What would these do to real events?
            </Button>
          </Group>
        )}
      </Paper>
      {own.length > 0 && (
        <Alert icon={<IconInfoCircle />} color="blue" title="Some sources say more">
          {own.join(", ")} {own.length === 1 ? "has" : "have"} controls of{" "}
          {own.length === 1 ? "its" : "their"} own, which count before these.{" "}
          <Anchor
            renderRoot={(props) => (
              <Link
                from="/tracking-plans/$name"
                to="/tracking-plans/$name"
                search={{ tab: "sources" }}
                {...props}
              />
            )}
          >
            See them
          </Anchor>
        </Alert>
      )}
      <Part title="Track, page and screen">
        <Choice
          label="An event that no rule plans"
          value={onUnplannedEvent(controls)}
          data={[PASSES, { value: "act", label: "Is blocked" }]}
          onChange={(value) => set({ allow_unplanned_events: value === "act" ? false : undefined })}
          readOnly={readOnly}
          code="unplanned"
        />
        <Choice
          label="A property that its rule does not declare"
          value={onUnplannedProperty(controls)}
          data={[PASSES, { value: "act", label: "Is left out" }]}
          onChange={(value) => set({ allow_unplanned_event_properties: value === "act" ? false : undefined })}
          readOnly={readOnly}
        />
        <Choice
          label="An event that breaks its rule"
          value={onBreach(controls)}
          data={[
            PASSES,
            { value: "omit", label: "Passes without what breaks it" },
            { value: "block", label: "Is blocked" },
          ]}
          onChange={(value) =>
            update((before) => ({ ...before, controls: setOnBreach(before.controls, value as OnBreach) }))
          }
          readOnly={readOnly}
          code="schema_violation"
        />
        <CommonChoice
          controls={controls}
          onChange={(value) => set({ common_event_on_violations: value })}
          readOnly={readOnly}
        />
      </Part>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {(["identify", "group"] as const).map((call) => (
          <TraitPart
            key={call}
            call={call}
            controls={controls[call] ?? {}}
            onChange={(next) => set({ [call]: next })}
            readOnly={readOnly}
          />
        ))}
      </SimpleGrid>
      <Part title="Where it goes">
        <Select
          label="Blocked events go to the source"
          description="Past the controls of that source; without one they become dead letters, which can be replayed"
          leftSection={<IconArrowForwardUp size={16} />}
          data={sources}
          value={controls.forwarding_blocked_events_to ?? null}
          onChange={(value) => set({ forwarding_blocked_events_to: value ?? undefined })}
          placeholder="dead letters"
          clearable
          readOnly={readOnly}
          maw={480}
        />
        <Select
          label="Each violation becomes an event of the source"
          description="“Violation Generated”, so that any destination can be told: an alert, a table"
          leftSection={<IconArrowForwardUp size={16} />}
          data={sources}
          value={controls.forwarding_violations_to ?? null}
          onChange={(value) => set({ forwarding_violations_to: value ?? undefined })}
          placeholder="nowhere"
          clearable
          readOnly={readOnly}
          maw={480}
        />
      </Part>
    </Stack>
  );
}

interface TraitProps {
  call: "identify" | "group";
  controls: TraitControls;
  onChange: (controls: TraitControls) => void;
  readOnly: boolean;
}

function TraitPart({ call, controls, onChange, readOnly }: TraitProps) {
  return (
    <Part title={call === "identify" ? "Identify: traits of people" : "Group: traits of accounts"}>
      <Choice
        label="A trait that the rule does not declare"
        value={controls.allow_unplanned_traits === false ? "omit" : "report"}
        data={[PASSES, { value: "omit", label: "Is left out" }]}
        onChange={(value) =>
          onChange({ ...controls, allow_unplanned_traits: value === "omit" ? false : undefined })
        }
        readOnly={readOnly}
      />
      <Choice
        label="A trait that breaks the rule"
        value={controls.allow_traits_on_violations === false ? "omit" : "report"}
        data={[PASSES, { value: "omit", label: "Is left out" }]}
        onChange={(value) =>
          onChange({ ...controls, allow_traits_on_violations: value === "omit" ? false : undefined })
        }
        readOnly={readOnly}
      />
      <CommonChoice
        controls={controls}
        onChange={(value) => onChange({ ...controls, common_event_on_violations: value })}
        readOnly={readOnly}
      />
    </Part>
  );
}

interface CommonProps {
  controls: Controls | TraitControls;
  onChange: (value: OnViolation | undefined) => void;
  readOnly: boolean;
}

function CommonChoice({ controls, onChange, readOnly }: CommonProps) {
  return (
    <Choice
      label="One that breaks the common rule"
      value={onCommonBreach(controls)}
      data={[
        { value: "allow", label: "Passes, reported" },
        { value: "omit", label: "Passes without what breaks it" },
        { value: "block", label: "Is blocked" },
      ]}
      onChange={(value) => onChange(value === "allow" ? undefined : (value as OnViolation))}
      readOnly={readOnly}
      code="common_schema_violation"
    />
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper p="md" component="section">
      <Title order={2} size="h4" mb="sm">
        {title}
      </Title>
      <Stack gap="md">{children}</Stack>
    </Paper>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  data: { value: string; label: string }[];
  onChange: (value: string) => void;
  readOnly: boolean;
  /** The reason that a blocked event has, for whoever searches for it. */
  code?: string;
}

function Choice({ label, value, data, onChange, readOnly, code }: ChoiceProps) {
  const isNarrow = useMediaQuery("(max-width: 40em)") ?? false;
  return (
    <Group justify="space-between" gap="xs">
      <Text size="sm" flex="1 1 14rem" component="div">
        {label}{" "}
        {code && value !== "report" && value !== "allow" && value !== "omit" && (
          <Badge color="gray" size="sm" ml={4}>
            {code}
          </Badge>
        )}
      </Text>
      <SegmentedControl
        aria-label={label}
        size="xs"
        data={data}
        value={value}
        onChange={onChange}
        readOnly={readOnly}
        orientation={isNarrow && data.length > 2 ? "vertical" : "horizontal"}
      />
    </Group>
  );
}

function listed(words: string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

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

const PASSES = { value: "report", label: "Report only" };

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
            ? "This plan only reports violations; all events pass."
            : `This plan ${listed(words)}.`}
        </Text>
        <Text size="sm" c="dimmed" mt={4}>
          Violations are always counted on the Violations tab.
        </Text>
        {!readOnly && (
          <Group gap="xs" mt="sm">
            <Button size="xs" variant="default" onClick={() => decide({})}>
              Report only
            </Button>
            <Button size="xs" variant="default" onClick={() => decide(CLEANED)}>
              Remove violations
            </Button>
            <Button size="xs" variant="default" onClick={() => decide(ENFORCED)}>
              Block violations
            </Button>
            <Button
              size="xs"
              variant="subtle"
              onClick={() => navigate({ search: { tab: "dry-run", enforce: "draft" } })}
            >
              Dry run these controls
            </Button>
          </Group>
        )}
      </Paper>
      {own.length > 0 && (
        <Alert icon={<IconInfoCircle />} color="blue" title="Some sources have overrides">
          {own.join(", ")} {own.length === 1 ? "has" : "have"} controls of{" "}
          {own.length === 1 ? "its" : "their"} own, which override these.{" "}
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
            View sources
          </Anchor>
        </Alert>
      )}
      <Part title="Track, page and screen">
        <Choice
          label="Unplanned events"
          value={onUnplannedEvent(controls)}
          data={[PASSES, { value: "act", label: "Block" }]}
          onChange={(value) => set({ allow_unplanned_events: value === "act" ? false : undefined })}
          readOnly={readOnly}
          code="unplanned"
        />
        <Choice
          label="Unplanned properties"
          value={onUnplannedProperty(controls)}
          data={[PASSES, { value: "act", label: "Remove" }]}
          onChange={(value) => set({ allow_unplanned_event_properties: value === "act" ? false : undefined })}
          readOnly={readOnly}
        />
        <Choice
          label="Events that break their rule"
          value={onBreach(controls)}
          data={[PASSES, { value: "omit", label: "Remove violations" }, { value: "block", label: "Block" }]}
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
      <Part title="Forwarding">
        <Select
          label="Forward blocked events to"
          description="They bypass that source’s controls. If empty, they become dead letters, which you can replay."
          leftSection={<IconArrowForwardUp size={16} />}
          data={sources}
          value={controls.forwarding_blocked_events_to ?? null}
          onChange={(value) => set({ forwarding_blocked_events_to: value ?? undefined })}
          placeholder="Dead letters"
          clearable
          readOnly={readOnly}
          maw={480}
        />
        <Select
          label="Forward violations to"
          description="Each violation becomes a “Violation Generated” event of that source, for alerts and reports."
          leftSection={<IconArrowForwardUp size={16} />}
          data={sources}
          value={controls.forwarding_violations_to ?? null}
          onChange={(value) => set({ forwarding_violations_to: value ?? undefined })}
          placeholder="None"
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
    <Part title={call === "identify" ? "Identify traits" : "Group traits"}>
      <Choice
        label="Unplanned traits"
        value={controls.allow_unplanned_traits === false ? "omit" : "report"}
        data={[PASSES, { value: "omit", label: "Remove" }]}
        onChange={(value) =>
          onChange({ ...controls, allow_unplanned_traits: value === "omit" ? false : undefined })
        }
        readOnly={readOnly}
      />
      <Choice
        label="Traits that break the rule"
        value={controls.allow_traits_on_violations === false ? "omit" : "report"}
        data={[PASSES, { value: "omit", label: "Remove" }]}
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
      label="Events that break the common rule"
      value={onCommonBreach(controls)}
      data={[
        { value: "allow", label: "Report only" },
        { value: "omit", label: "Remove violations" },
        { value: "block", label: "Block" },
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

/** One arrival of a message: what each stage did, why it ended, what it was before and after, where it went. */

import { Alert, Anchor, Button, Code, Group, Stack, Tabs, Text, Title } from "@mantine/core";
import { IconBulb, IconCheck, IconMinus, IconPencil, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { Explained, Journey, ObserveExplainStep as Step } from "~/api/schema";
import { Changes } from "../Changes";
import { Json } from "../Json";
import { Prose } from "../Prose";
import { Time } from "../Time";
import { CopyAsCurl } from "./CopyAsCurl";
import { Deliveries } from "./Deliveries";
import { Ended } from "./Ended";
import classes from "./EventTrace.module.css";
import { isRemarkable, STAGES, sentence } from "./words";

export function JourneyView({ journey }: { journey: Journey }) {
  const isAccepted = journey.ended === "accepted";
  const known = journey.accepted ?? journey.received;
  return (
    <Stack gap="md">
      <Group gap="xs">
        <Ended outcome={journey.ended} />
        <Text size="sm" component="div">
          from{" "}
          <Anchor
            size="sm"
            underline="always"
            renderRoot={(props) => <Link to="/sources/$name" params={{ name: journey.source }} {...props} />}
          >
            {journey.source}
          </Anchor>
          , received <Time at={journey.received_at} exact />
        </Text>
      </Group>
      {journey.why && <Why why={journey.why} journey={journey} />}
      <Group gap="xs">
        {journey.profile_id && (
          <Button
            size="xs"
            variant="default"
            renderRoot={(props) => (
              <Link to="/profiles/$who" params={{ who: journey.profile_id as string }} {...props} />
            )}
          >
            Profile
          </Button>
        )}
        <CopyAsCurl event={journey.received ?? journey.accepted} source={journey.source} />
      </Group>
      <section aria-label="Stages">
        <Title order={3} size="h5" mb="sm">
          What each stage did
        </Title>
        <Steps steps={journey.steps} ended={isAccepted ? "" : journey.ended} />
      </section>
      <section aria-label="The event">
        <Title order={3} size="h5" mb="xs">
          The event
        </Title>
        <Tabs defaultValue={isAccepted && journey.received != null ? "changes" : "event"}>
          <Tabs.List mb="sm">
            {isAccepted && journey.received != null && <Tabs.Tab value="changes">Before and after</Tabs.Tab>}
            <Tabs.Tab value="event">{isAccepted ? "As accepted" : "As sent"}</Tabs.Tab>
            {isAccepted && journey.received != null && <Tabs.Tab value="sent">As sent</Tabs.Tab>}
          </Tabs.List>
          <Tabs.Panel value="changes">
            <Changes changes={journey.changes ?? []} none="It was accepted exactly as it was sent." />
          </Tabs.Panel>
          <Tabs.Panel value="event">
            {known == null ? (
              <Text size="sm" c="dimmed">
                The log does not have it any more.
              </Text>
            ) : (
              <Json value={known} label="Event" />
            )}
          </Tabs.Panel>
          <Tabs.Panel value="sent">
            <Json value={journey.received} label="Event as sent" />
          </Tabs.Panel>
        </Tabs>
      </section>
      {isAccepted && (
        <section aria-label="Deliveries">
          <Title order={3} size="h5" mb="xs">
            Where it went
          </Title>
          <Deliveries lines={journey.deliveries ?? []} />
        </section>
      )}
    </Stack>
  );
}

function Why({ why, journey }: { why: Explained; journey: Journey }) {
  const last = journey.steps.at(-1);
  const detail = last?.detail?.detail;
  return (
    <Alert color={journey.ended === "duplicate" ? "gray" : "red"} icon={<IconBulb />} title={why.title}>
      <Stack gap={6}>
        <Text size="sm">
          <Prose>{why.means}</Prose>
        </Text>
        {typeof detail === "string" && detail && (
          <Text size="sm">
            It was noted: <Code>{detail}</Code>
          </Text>
        )}
        <Text size="sm">
          <b>What to do.</b> <Prose>{why.do}</Prose>
        </Text>
        {journey.dead_letter && (
          <Group>
            <Button
              size="xs"
              variant="default"
              renderRoot={(props) => (
                <Link to="/dead-letters" search={{ letter: journey.dead_letter }} {...props} />
              )}
            >
              Edit and replay it
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

function Steps({ steps, ended }: { steps: readonly Step[]; ended: string }) {
  return (
    <ol className={classes.steps}>
      {steps.map((step, index) => {
        const isEnd = ended !== "" && index === steps.length - 1;
        const kind = isEnd ? "end" : isRemarkable(step) ? "remarkable" : step.quiet ? "quiet" : "passed";
        const { title, about } = STAGES[step.stage] ?? { title: step.stage, about: "" };
        const Sign = SIGNS[kind];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a stage may note several lines, in this order
          <li key={`${step.stage} ${index}`} className={classes.step} data-kind={kind}>
            <span className={classes.bullet} aria-hidden>
              <Sign size={12} />
            </span>
            <span className={classes.stage} title={about}>
              {title}
            </span>
            <div className={classes.said}>
              {isEnd ? `It went no further: ${step.outcome}.` : sentence(step)}
              {kind === "remarkable" && <Details step={step} />}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

const SIGNS = { end: IconX, remarkable: IconPencil, quiet: IconMinus, passed: IconCheck } as const;

/** What a stage noted besides: violations, changed paths. */
function Details({ step }: { step: Step }) {
  const { plan, version, rule, code, detail, transformation, ids, profile, other, ...rest } =
    step.detail ?? {};
  if (Object.keys(rest).length === 0) return null;
  return (
    <details>
      <summary>
        <Text size="xs" span c="dimmed">
          Details
        </Text>
      </summary>
      <Json value={rest} label={`Details of ${step.stage}`} />
    </details>
  );
}

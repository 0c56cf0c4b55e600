/** The stages in order, each with what it decided: what changed or stopped the event stands out. */

import { Anchor, Code, Group, Text } from "@mantine/core";
import { IconCheck, IconInbox, IconPencil, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { Journey, ObserveExplainStep as Step } from "~/api/schema";
import { clock } from "~/format/format";
import { Changes } from "../Changes";
import { Json } from "../Json";
import classes from "./EventTrace.module.css";
import { outcomeLabel } from "./outcomes";
import { isRemarkable, STAGES, sentence } from "./words";

const SIGNS = { start: IconInbox, end: IconX, remarkable: IconPencil, quiet: IconCheck, passed: IconCheck };

export function Stages({ journey }: { journey: Journey }) {
  const isRefused = journey.ended !== "accepted";
  return (
    <ol className={classes.steps}>
      <li className={classes.step} data-kind="start">
        <Sign kind="start" />
        <span className={classes.stage}>Received</span>
        <div className={classes.said}>
          From {journey.source} at <span className="hw-figures">{clock(journey.received_at)}</span>.
        </div>
      </li>
      {journey.steps.map((step, index) => (
        <StageLine
          // biome-ignore lint/suspicious/noArrayIndexKey: a stage may note several lines, in this order
          key={`${step.stage} ${index}`}
          step={step}
          journey={journey}
          isEnd={isRefused && index === journey.steps.length - 1}
        />
      ))}
    </ol>
  );
}

function StageLine({ step, journey, isEnd }: { step: Step; journey: Journey; isEnd: boolean }) {
  const kind = isEnd ? "end" : isRemarkable(step) ? "remarkable" : step.quiet ? "quiet" : "passed";
  const { title, about } = STAGES[step.stage] ?? { title: step.stage, about: "" };
  return (
    <li className={classes.step} data-kind={kind}>
      <Sign kind={kind} />
      <span className={classes.stage} title={`${about} (${step.stage})`}>
        {title}
      </span>
      <div className={classes.said}>
        {isEnd ? `Stopped here: ${outcomeLabel(step.outcome)}.` : sentence(step)}
        {kind === "remarkable" && <Details step={step} journey={journey} />}
      </div>
    </li>
  );
}

function Sign({ kind }: { kind: keyof typeof SIGNS }) {
  const Icon = SIGNS[kind];
  return (
    <span className={classes.bullet} aria-hidden>
      <Icon size={12} stroke={2.2} />
    </span>
  );
}

/** What a stage noted besides its sentence: who an identity decision was about, what a rule changed. */
function Details({ step, journey }: { step: Step; journey: Journey }) {
  const { plan, version, rule, code, detail, transformation, ids, profile, other, why, ...rest } =
    step.detail ?? {};
  const changed = step.stage === "transform" ? changesOf(rest, journey) : [];
  const isTold = changed.length > 0 || Object.keys(rest).length === 0;
  return (
    <>
      {step.stage === "resolve" && <Profiles profile={profile} other={other} rule={rule} />}
      {step.stage === "transform" && typeof transformation === "string" && (
        <div>
          <Anchor
            size="xs"
            renderRoot={(props) => (
              <Link to="/transformations/$name" params={{ name: transformation }} {...props} />
            )}
          >
            Open {transformation}
          </Anchor>
        </div>
      )}
      {changed.length > 0 && <Changes changes={changed} />}
      {!isTold && (
        <details>
          <summary>
            <Text size="xs" span c="dimmed">
              Details
            </Text>
          </summary>
          <Json value={rest} label={`Details of ${step.stage}`} />
        </details>
      )}
    </>
  );
}

function Profiles({ profile, other, rule }: Record<"profile" | "other" | "rule", unknown>) {
  const named = [
    ...texts(profile).map((id) => ["Profile", id] as const),
    ...texts(other).map((id) => ["Merged from", id] as const),
  ];
  return (
    <Group gap="xs" mt={2}>
      {named.map(([label, id]) => (
        <Text key={id} size="xs" c="dimmed" fw={400}>
          {label}{" "}
          <Anchor
            size="xs"
            renderRoot={(props) => <Link to="/profiles/$who" params={{ who: id }} {...props} />}
          >
            {id}
          </Anchor>
        </Text>
      ))}
      {texts(rule).map((each) => (
        <Text key={each} size="xs" c="dimmed" fw={400}>
          Rule <Code>{each}</Code>
        </Text>
      ))}
    </Group>
  );
}

/** A stage notes one or several. */
function texts(value: unknown): string[] {
  return [value].flat().filter((each) => typeof each === "string");
}

/** Those of the event's changes that this rule says it has made. */
function changesOf(verbs: Record<string, unknown>, journey: Journey) {
  const named = new Set(
    Object.values(verbs).flatMap((paths) => {
      if (Array.isArray(paths)) return paths.map(String);
      return typeof paths === "object" && paths !== null ? Object.entries(paths).flat().map(String) : [];
    }),
  );
  return (journey.changes ?? []).filter(
    ({ path }) => named.has(path) || named.has(path.replace(/^(properties|traits)\./, "")),
  );
}

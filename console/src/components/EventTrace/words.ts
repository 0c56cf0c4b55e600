/** What the stages noted about an event, in sentences. */

import type { DeliveryLine, ObserveExplainStep as Step } from "~/api/schema";

/** What each stage is for, in the order of an event’s path. */
export const STAGES: Record<string, { title: string; about: string }> = {
  collected: { title: "Collection", about: "Reads the request" },
  recall: { title: "Replay check", about: "Recognizes dead letters and events that are sent again" },
  normalise: { title: "Validation", about: "Checks the event and corrects its clock" },
  dedupe: { title: "Deduplication", about: "Drops repeats of a message" },
  suppress: { title: "Suppression", about: "Drops events of suppressed users" },
  discover: { title: "Schema", about: "Records names and types in the source’s schema" },
  govern: { title: "Tracking plan", about: "Checks the event against the source’s plan" },
  transform: { title: "Transformations", about: "Applies the rules that change events" },
  resolve: { title: "Identity", about: "Finds the profile the event belongs to" },
  update: { title: "Profile", about: "Updates the profile, its traits and audiences" },
  plan: { title: "Routing", about: "Sends the event on to its destinations" },
  replay: { title: "Replay", about: "Sends stored events again" },
};

/** What a stage means by having noted nothing. */
const QUIET: Record<string, string> = {
  recall: "A new event, not a replay.",
  normalise: "Valid.",
  dedupe: "First event with this message ID.",
  suppress: "The user isn’t suppressed.",
  discover: "Recorded in the source’s schema.",
  govern: "The source has no tracking plan.",
  transform: "No transformation applied.",
  resolve: "Matched the profile that has its IDs.",
  update: "Added to the profile’s history.",
  plan: "Sent on to the source’s destinations.",
};

type Detail = Record<string, unknown>;

const SENTENCES: Record<string, (detail: Detail) => string> = {
  "govern allowed": (d) => `Allowed by the plan ${text(d.plan)}${d.rule ? ` (${text(d.rule)})` : ""}.`,
  "govern omitted": (d) => `The plan ${text(d.plan)} removed ${listed(d)}.`,
  "govern blocked": (d) => `Blocked by the plan ${text(d.plan)}: ${text(d.detail ?? d.code)}.`,
  "govern forwarded": (d) => `Blocked in ${text(d.blocked_in)} and forwarded to this source.`,
  "govern generated": (d) => `Generated to report a violation of ${text(d.violation_of)}.`,
  "transform changed": (d) => `Changed by ${text(d.transformation)} (version ${text(d.version)}).`,
  "transform skipped": (d) =>
    `${text(d.transformation)} couldn’t be applied, so the event passed unchanged: ${text(d.why)}.`,
  "transform held_back": (d) =>
    `${text(d.transformation)} removes sensitive data but couldn’t be applied, so the event was held back: ${text(d.why)}.`,
  "resolve created": () => "None of its IDs were known, so a new profile was created.",
  "resolve attached": (d) => `Added ${ids(d)} to the profile.`,
  "resolve merged": (d) => `Merged two profiles, because the event has IDs of both: ${ids(d)}.`,
  "resolve demoted": (d) => `Ignored ${ids(d)}: the profile would have broken an identity rule.`,
  "resolve quarantined": (d) => `Quarantined after too many refusals: ${ids(d)}.`,
  "resolve nobody": (d) => `Belongs to no profile: ${text(d.why)}.`,
  "update traits_not_kept": (d) => `Its traits were not saved: ${text(d.why)}.`,
  "recall replayed": (d) => `Replayed from the dead letter ${text(d.letter)} (${text(d.was)}).`,
  "recall replayed, edited": (d) =>
    `Edited and replayed from the dead letter ${text(d.letter)} (${text(d.was)}).`,
  "recall sent again": () => "Replayed from the lake.",
};

/** One line of a trace. What has no sentence of its own is told as the stage says it. */
export function sentence(step: Step): string {
  const made = SENTENCES[`${step.stage} ${step.outcome}`];
  const quiet = step.quiet ? QUIET[step.stage] : undefined;
  const said = made ? made(step.detail ?? {}) : (quiet ?? `${step.outcome}.`);
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** Whether the line is about something that was kept back, changed or refused. */
export function isRemarkable(step: Step): boolean {
  return !step.quiet && step.outcome !== "allowed";
}

interface DeliveryWords {
  label: string;
  said: string;
  color: string;
}

const DELIVERIES: Record<string, DeliveryWords> = {
  waiting: { label: "Pending", said: "Waiting for the first attempt.", color: "blue" },
  delivered: { label: "Delivered", said: "", color: "green" },
  filtered: { label: "Filtered", said: "Not sent.", color: "gray" },
  retrying: { label: "Retrying", said: "The last attempt failed and will be retried.", color: "yellow" },
  dead_letter: {
    label: "Failed",
    said: "All attempts failed. The event is kept as a dead letter.",
    color: "red",
  },
  failed: { label: "Failed", said: "All attempts failed, and the dead letter was resolved.", color: "red" },
  disabled: { label: "Disabled", said: "The destination is disabled; the event waits.", color: "gray" },
  no_receipt: { label: "No receipt", said: "Processed, but the receipt has expired.", color: "gray" },
  unknown: {
    label: "Unknown",
    said: "The destination is still working through events of that time.",
    color: "gray",
  },
};

export function deliveryWords(line: DeliveryLine): DeliveryWords {
  const known = DELIVERIES[line.status] ?? { label: line.status, said: "", color: "gray" };
  const message = line.message && `${line.message.charAt(0).toUpperCase()}${line.message.slice(1)}.`;
  return { ...known, said: [known.said, message].filter(Boolean).join(" ") };
}

/** Of how many destinations it reached: "Delivered to 2 of 3 destinations". */
export function reach(lines: readonly DeliveryLine[]): string {
  if (lines.length === 0) return "No destinations";
  const wanted = lines.filter((line) => line.status !== "filtered");
  const delivered = wanted.filter((line) => line.status === "delivered").length;
  if (wanted.length === 0) return "Filtered by every destination";
  const places = wanted.length === 1 ? "destination" : "destinations";
  return `Delivered to ${delivered} of ${wanted.length} ${places}`;
}

export interface Breach {
  field: string;
  message: string;
}

/** "properties.a: is wrong; properties.b: is wrong", taken apart; nothing when it is another kind of detail. */
export function breaches(detail: string): Breach[] {
  return detail.split(/; (?=[\w$\\.-]+: )/).flatMap((part) => {
    const found = /^((?:properties|traits|context|event|name|type|userId)[\w$\\.-]*): (.+)$/s.exec(part);
    return found ? [{ field: found[1] as string, message: found[2] as string }] : [];
  });
}

function ids(detail: Detail): string {
  return Array.isArray(detail.ids) ? detail.ids.join(", ") : "";
}

function listed(detail: Detail): string {
  const left = [detail.omitted, detail.omitted_on_violation].flat().filter(Boolean);
  return left.map(text).join(", ");
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value ?? "");
}

/** What the stages noted about an event, in sentences. */

import type { DeliveryLine, ObserveExplainStep as Step } from "~/api/schema";

/** What each stage is for, in the order of an event's path. */
export const STAGES: Record<string, { title: string; about: string }> = {
  collected: { title: "Collection", about: "reads what a sender has sent" },
  recall: { title: "Recall", about: "carries out what people decide about dead letters" },
  normalise: { title: "Normalise", about: "makes one envelope of it, and corrects clocks" },
  dedupe: { title: "Dedupe", about: "drops what came before" },
  suppress: { title: "Suppress", about: "drops what suppressed users send" },
  discover: { title: "Discover", about: "notes names and types in the schema of the source" },
  govern: { title: "Govern", about: "holds it to the tracking plan" },
  transform: { title: "Transform", about: "applies the rules that change events" },
  resolve: { title: "Identity", about: "finds out whose it is" },
  update: { title: "Profile", about: "adds it to the profile, its traits and audiences" },
  plan: { title: "Plan", about: "decides who is told" },
  replay: { title: "Replay", about: "sends stored events once more" },
};

type Detail = Record<string, unknown>;

const SENTENCES: Record<string, (detail: Detail) => string> = {
  "govern allowed": (d) => `Allowed by the plan ${text(d.plan)}${d.rule ? `, rule ${text(d.rule)}` : ""}.`,
  "govern omitted": (d) => `Passes, but for what the plan ${text(d.plan)} does not allow: ${listed(d)}.`,
  "govern blocked": (d) => `Blocked by the plan ${text(d.plan)}: ${text(d.detail ?? d.code)}.`,
  "govern forwarded": (d) => `Was blocked in ${text(d.blocked_in)}, and sent on to this source.`,
  "govern generated": (d) => `Made here, to report a violation of ${text(d.violation_of)}.`,
  "transform changed": (d) => `Changed by ${text(d.transformation)}, version ${text(d.version)}.`,
  "transform skipped": (d) =>
    `${text(d.transformation)} could not be applied, and hides nothing, so the event goes on: ${text(d.why)}.`,
  "transform held_back": (d) =>
    `${text(d.transformation)} could not be applied, and it hides something: ${text(d.why)}.`,
  "resolve created": () => "Nobody had any of its ids: a new profile begins with it.",
  "resolve attached": (d) => `Its ids ${ids(d)} are new, and belong to its profile from now on.`,
  "resolve merged": (d) => `It has ids of two profiles, so they are one from now on: ${ids(d)}.`,
  "resolve demoted": (d) => `Left out, because its profile would break a rule: ${ids(d)}.`,
  "resolve quarantined": (d) => `Refused too often, and in quarantine from now on: ${ids(d)}.`,
  "resolve nobody": (d) => `It belongs to no profile: ${text(d.why)}.`,
  "update traits_not_kept": (d) => `Its traits are not kept: ${text(d.why)}.`,
  "recall replayed": (d) => `A replay of the dead letter ${text(d.letter)} (${text(d.was)}).`,
  "recall replayed, edited": (d) => `A replay of the dead letter ${text(d.letter)}, edited (${text(d.was)}).`,
  "recall sent again": () => "Comes from the lake, and is sent once more.",
};

/** One line of a trace. What has no sentence of its own is told as the stage says it. */
export function sentence(step: Step): string {
  const made = SENTENCES[`${step.stage} ${step.outcome}`];
  const said = made ? made(step.detail ?? {}) : `${step.outcome}.`;
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** Whether the line is about something that was kept back, changed or refused. */
export function isRemarkable(step: Step): boolean {
  return !step.quiet && step.outcome !== "allowed";
}

const DELIVERIES: Record<string, string> = {
  waiting: "Waits for the first attempt.",
  delivered: "Delivered.",
  filtered: "Was not to go there.",
  retrying: "The last attempt failed; another one follows by itself.",
  dead_letter: "Given up, and kept until somebody decides.",
  failed: "Given up; somebody has decided about it.",
  disabled: "The destination is disabled; the event waits in the log.",
  no_receipt: "The destination is past it; the receipt is too old to be kept.",
  unknown: "Not known: the destination is not certainly past it.",
};

export const DELIVERY_COLORS: Record<string, string> = {
  delivered: "green",
  waiting: "blue",
  retrying: "yellow",
  dead_letter: "red",
  failed: "red",
};

export function deliverySentence(line: DeliveryLine): string {
  const said = DELIVERIES[line.status] ?? line.status;
  return [said, line.message && `${line.message}.`].filter(Boolean).join(" ");
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

/** What becomes of events that differ from a plan, as choices and in words. Nothing said means: it passes, and is reported. */

import type { Controls, OnViolation, TraitControls } from "~/api/schema";

/** For what a rule does not foresee. */
export type Unplanned = "report" | "act";

/** For what breaks a rule. */
export type OnBreach = "report" | "omit" | "block";

export const ENFORCED: Controls = {
  allow_unplanned_events: false,
  allow_event_on_violations: false,
  common_event_on_violations: "block",
};

export const CLEANED: Controls = {
  allow_unplanned_event_properties: false,
  allow_properties_on_violations: false,
  common_event_on_violations: "omit",
  identify: {
    allow_unplanned_traits: false,
    allow_traits_on_violations: false,
    common_event_on_violations: "omit",
  },
  group: {
    allow_unplanned_traits: false,
    allow_traits_on_violations: false,
    common_event_on_violations: "omit",
  },
};

/** The same decisions in place of those that are there; where blocked events and violations go stays. */
export function withDecisions(controls: Controls, decisions: Controls): Controls {
  const { forwarding_blocked_events_to, forwarding_violations_to } = controls;
  return tidy({ ...decisions, forwarding_blocked_events_to, forwarding_violations_to });
}

/** Whether two plans would decide alike: what is said about the common rule counts where there is one. */
export function decideAlike(one: Controls, other: Controls, hasCommonRule: boolean): boolean {
  return JSON.stringify(decisions(one, hasCommonRule)) === JSON.stringify(decisions(other, hasCommonRule));
}

function decisions(controls: Controls, hasCommonRule: boolean) {
  const common = (said: Controls | TraitControls) => (hasCommonRule ? onCommonBreach(said) : null);
  const traits = (said: TraitControls = {}) => [
    said.allow_unplanned_traits !== false,
    said.allow_traits_on_violations !== false,
    common(said),
  ];
  return [
    onUnplannedEvent(controls),
    onUnplannedProperty(controls),
    onBreach(controls),
    common(controls),
    traits(controls.identify ?? {}),
    traits(controls.group ?? {}),
  ];
}

export function onUnplannedEvent({ allow_unplanned_events }: Controls): Unplanned {
  return allow_unplanned_events === false ? "act" : "report";
}

export function onUnplannedProperty({ allow_unplanned_event_properties }: Controls): Unplanned {
  return allow_unplanned_event_properties === false ? "act" : "report";
}

export function onBreach(controls: Controls): OnBreach {
  if (controls.allow_event_on_violations === false) return "block";
  return controls.allow_properties_on_violations === false ? "omit" : "report";
}

export function setOnBreach(controls: Controls, choice: OnBreach): Controls {
  return tidy({
    ...controls,
    allow_event_on_violations: choice === "block" ? false : undefined,
    allow_properties_on_violations: choice === "omit" ? false : undefined,
  });
}

export function onCommonBreach({ common_event_on_violations }: Controls | TraitControls): OnViolation {
  return common_event_on_violations ?? "allow";
}

/** Without what says nothing. */
export function tidy(controls: Controls): Controls {
  const kept = Object.entries(controls).filter(
    ([, value]) =>
      value !== undefined &&
      value !== null &&
      !(
        typeof value === "object" && Object.values(value).every((each) => each === undefined || each === null)
      ),
  );
  return Object.fromEntries(kept) as Controls;
}

/** Whether anything is ever kept from passing whole. */
export function decides(controls: Controls): boolean {
  return inWords(controls).length > 0;
}

/** "blocks unplanned events", … ; empty: the plan only reports. */
export function inWords(controls: Controls): string[] {
  const said: string[] = [];
  const breach = onBreach(controls);
  if (onUnplannedEvent(controls) === "act") said.push("blocks unplanned events");
  if (breach === "block") said.push("blocks events that break their rule");
  if (onUnplannedProperty(controls) === "act") said.push("removes unplanned properties");
  if (breach === "omit") said.push("removes properties that break their rule");
  if (onCommonBreach(controls) === "block") said.push("blocks events that break the common rule");
  if (onCommonBreach(controls) === "omit") said.push("removes what breaks the common rule");
  for (const [call, traits] of [
    ["identify", controls.identify],
    ["group", controls.group],
  ] as const) {
    if (traits?.allow_unplanned_traits === false) said.push(`removes unplanned ${call} traits`);
    if (traits?.allow_traits_on_violations === false)
      said.push(`removes ${call} traits that break their rule`);
    if (onCommonBreach(traits ?? {}) === "block")
      said.push(`blocks ${call} calls that break the common rule`);
  }
  return said;
}

/** One word for a list. */
export function stance(controls: Controls): { label: string; color: string } {
  const words = inWords(controls);
  if (words.some((word) => word.startsWith("blocks"))) return { label: "Enforced", color: "green" };
  if (words.length) return { label: "Cleans", color: "blue" };
  return { label: "Reports only", color: "gray" };
}

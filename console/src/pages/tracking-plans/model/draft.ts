/** A tracking plan while somebody edits it: complete where the API leaves out what is as by default. */

import type { Controls, RuleType, TrackingPlan } from "~/api/schema";
import type { Schema } from "./schema";

export interface RuleDraft {
  type: RuleType;
  event: string;
  version: number;
  description: string;
  labels: Record<string, string>;
  schema: Schema;
}

export interface PlanDraft {
  name: string;
  description: string;
  rules: RuleDraft[];
  controls: Controls;
  unify_names: boolean;
  /** Name as sent → planned name. */
  aliases: Record<string, string>;
}

export function draftOf(plan: Partial<TrackingPlan> & { name: string }): PlanDraft {
  return {
    name: plan.name,
    description: plan.description ?? "",
    rules: (plan.rules ?? []).map(ruleOf),
    controls: plan.controls ?? {},
    unify_names: plan.unify_names ?? false,
    aliases: plan.aliases ?? {},
  };
}

export function ruleOf(rule: NonNullable<TrackingPlan["rules"]>[number]): RuleDraft {
  return {
    type: rule.type,
    event: rule.event ?? "",
    version: rule.version ?? 1,
    description: rule.description ?? "",
    labels: rule.labels ?? {},
    schema: (rule.schema ?? {}) as Schema,
  };
}

/** As the API takes it. Which version of the workspace brought it is the platform's to say. */
export function planOf(draft: PlanDraft): TrackingPlan {
  return { ...draft } as unknown as TrackingPlan;
}

export function isSame(one: PlanDraft, other: PlanDraft): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

// --- rules -------------------------------------------------------------------------------------------------------

export interface RuleName {
  type: RuleType;
  event: string;
  version: number;
}

const TYPES: readonly RuleType[] = ["track", "identify", "group", "page", "screen", "common"];

/** Calls whose rules have the name of an event. */
export const NAMED: readonly RuleType[] = ["track", "page", "screen"];

/** What names a rule in an address. */
export function ruleKey({ type, version, event }: RuleName): string {
  return `${type}.${version}.${event}`;
}

export function findRule(rules: readonly RuleDraft[], key: string | undefined): number {
  return key === undefined ? -1 : rules.findIndex((rule) => ruleKey(rule) === key);
}

export function isSameRule(one: RuleName, other: RuleName): boolean {
  return one.type === other.type && one.event === other.event && one.version === other.version;
}

/** All versions of the rule for one event, oldest first. */
export function versionsOf(rules: readonly RuleDraft[], { type, event }: Omit<RuleName, "version">) {
  return rules
    .filter((rule) => rule.type === type && rule.event === event)
    .sort((one, other) => one.version - other.version);
}

export function ruleTitle({ type, event }: Omit<RuleName, "version">): string {
  switch (type) {
    case "identify":
      return "Identify calls";
    case "group":
      return "Group calls";
    case "common":
      return "Every event";
    case "page":
      return event ? `Page ${event}` : "All pages";
    case "screen":
      return event ? `Screen ${event}` : "All screens";
    default:
      return event || "(no name yet)";
  }
}

export function callWords(type: RuleType): string {
  return type === "common" ? "common rule" : type;
}

/** Where in the schema of such a rule the properties are that people mean; of a common rule the whole event. */
export function payloadPlace(type: RuleType): readonly string[] {
  if (type === "common") return [];
  return ["properties", type === "identify" || type === "group" ? "traits" : "properties"];
}

export function payloadWord(type: RuleType): string {
  if (type === "common") return "member";
  return type === "identify" || type === "group" ? "trait" : "property";
}

/** The plan with this rule in place of the one of the same name, else after all others. */
export function withRule(draft: PlanDraft, rule: RuleDraft, replaces: RuleName = rule): PlanDraft {
  const index = draft.rules.findIndex((each) => isSameRule(each, replaces));
  const rules = [...draft.rules];
  rules.splice(index < 0 ? rules.length : index, index < 0 ? 0 : 1, rule);
  return { ...draft, rules };
}

export function withoutRule(draft: PlanDraft, rule: RuleName): PlanDraft {
  return { ...draft, rules: draft.rules.filter((each) => !isSameRule(each, rule)) };
}

/** Rules in the order of the list: by call, then by event, then by version. */
export function inOrder(rules: readonly RuleDraft[]): RuleDraft[] {
  return [...rules].sort(
    (one, other) =>
      TYPES.indexOf(one.type) - TYPES.indexOf(other.type) ||
      one.event.localeCompare(other.event) ||
      one.version - other.version,
  );
}

/** What a draft has changed, in a few words each. */
export function changedParts(saved: PlanDraft, draft: PlanDraft): string[] {
  const said: string[] = [];
  const before = new Map(saved.rules.map((rule) => [ruleKey(rule), JSON.stringify(rule)]));
  const after = new Set(draft.rules.map(ruleKey));
  const added = draft.rules.filter((rule) => !before.has(ruleKey(rule))).length;
  const removed = saved.rules.filter((rule) => !after.has(ruleKey(rule))).length;
  const changed = draft.rules.filter((rule) => {
    const was = before.get(ruleKey(rule));
    return was !== undefined && was !== JSON.stringify(rule);
  }).length;
  if (added) said.push(`${added} ${added === 1 ? "rule" : "rules"} added`);
  if (changed) said.push(`${changed} changed`);
  if (removed) said.push(`${removed} removed`);
  if (JSON.stringify(saved.controls) !== JSON.stringify(draft.controls)) said.push("controls");
  if (
    saved.unify_names !== draft.unify_names ||
    JSON.stringify(saved.aliases) !== JSON.stringify(draft.aliases)
  )
    said.push("names");
  if (saved.description !== draft.description) said.push("description");
  return said;
}

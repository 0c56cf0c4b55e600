/**
 * The rules of external ids, by priority: those that the workspace file lists come first, the types that are known by
 * default follow. To give one of these a rule, or another place, all before it have to be listed as well. Pure.
 */

import type { ExternalIdRule, Field, IdentityDetail } from "~/api/schema";

export interface Rule {
  type: string;
  /** Null: by default. */
  limit: number | null;
  period: string;
  block: string[];
  block_regex: string[];
  keys: string[];
}

export interface Rules {
  /** All, the highest priority first. */
  all: Rule[];
  /** So many of them are listed in the file. */
  listed: number;
}

export function rulesOf(detail: IdentityDetail): Rules {
  const inFile = detail.identity.external_ids ?? [];
  const filled = inFile.length;
  const all = detail.rules.map((rule, index) => {
    const written = index < filled ? (inFile[index] as ExternalIdRule) : { type: rule.type };
    return whole(written, detail.rule_fields);
  });
  return { all, listed: filled };
}

function whole(rule: Partial<ExternalIdRule> & { type: string }, fields: readonly Field[]): Rule {
  const fallback = (name: string) => fields.find((field) => field.name === name)?.default;
  return {
    type: rule.type,
    limit: rule.limit ?? null,
    period: rule.period ?? String(fallback("period")),
    block: rule.block ?? (fallback("block") as string[]),
    block_regex: rule.block_regex ?? (fallback("block_regex") as string[]),
    keys: rule.keys ?? [],
  };
}

export function limitByDefault(detail: IdentityDetail, type: string): number {
  return detail.default_rules.find((rule) => rule.type === type)?.limit ?? detail.default_limit;
}

/** Whether every workspace knows it: such a type can be moved and changed, and not removed. */
export function isKnown(detail: IdentityDetail, type: string): boolean {
  return detail.default_rules.some((rule) => rule.type === type);
}

export function changed(rules: Rules, index: number, rule: Rule): Rules {
  const all = rules.all.map((each, at) => (at === index ? rule : each));
  return { all, listed: Math.max(rules.listed, index + 1) };
}

/** One place up (-1) or down (1). */
export function moved(rules: Rules, index: number, step: -1 | 1): Rules {
  const other = index + step;
  if (other < 0 || other >= rules.all.length) return rules;
  const all = [...rules.all];
  [all[index], all[other]] = [all[other] as Rule, all[index] as Rule];
  return { all, listed: Math.max(rules.listed, index + 1, other + 1) };
}

/** Another type, below those that are listed. */
export function added(rules: Rules, type: string, fields: readonly Field[]): Rules {
  const all = [...rules.all];
  all.splice(rules.listed, 0, whole({ type }, fields));
  return { all, listed: rules.listed + 1 };
}

/** Only of a type that is listed and not known by default. */
export function removed(rules: Rules, index: number): Rules {
  return { all: rules.all.filter((_, at) => at !== index), listed: rules.listed - 1 };
}

/** What the file says of them: of each only what is not as by default. */
export function toFile(rules: Rules, fields: readonly Field[]): Partial<ExternalIdRule>[] {
  return rules.all.slice(0, rules.listed).map((rule) => {
    const plain = whole({ type: rule.type }, fields);
    const said = Object.entries(rule).filter(
      ([key, value]) => key === "type" || JSON.stringify(value) !== JSON.stringify(plain[key as keyof Rule]),
    );
    return Object.fromEntries(said);
  });
}

/** Whether it says nothing that does not hold by default. */
export function isPlain(rule: Rule, detail: IdentityDetail): boolean {
  const limit = rule.limit === limitByDefault(detail, rule.type) ? null : rule.limit;
  return (
    JSON.stringify({ ...rule, limit }) === JSON.stringify(whole({ type: rule.type }, detail.rule_fields))
  );
}

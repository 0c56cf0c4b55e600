/** The catalogue of destination types: by category, found by what somebody types. Pure. */

import type { TypeShape } from "~/api/schema";

const CATEGORIES: Record<string, string> = {
  analytics: "Analytics",
  messaging: "Messaging",
  email: "Email and SMS",
  advertising: "Advertising",
  crm: "CRM",
  support: "Support",
  storage: "Storage and databases",
  streaming: "Streaming",
  webhooks: "Webhooks",
};

export function categoryName(category: string): string {
  return CATEGORIES[category] ?? category.charAt(0).toUpperCase() + category.slice(1);
}

/** Each with how many types it has; in the order above, others after them. */
export function categoriesOf(types: readonly TypeShape[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { category } of types) counts.set(category, (counts.get(category) ?? 0) + 1);
  const order = Object.keys(CATEGORIES);
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...counts].sort(([a], [b]) => place(a) - place(b) || a.localeCompare(b));
}

export function matchingTypes(
  types: readonly TypeShape[],
  text: string,
  category: string | undefined,
): TypeShape[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return types.filter((type) => {
    const said =
      `${type.name} ${type.label} ${type.description} ${categoryName(type.category)}`.toLowerCase();
    return (!category || type.category === category) && words.every((word) => said.includes(word));
  });
}

/** What a type can do that not all can, a few words each. */
export function capabilitiesOf(type: TypeShape): string[] {
  const found: string[] = [];
  if (type.actions.length > 1) found.push(`${type.actions.length} actions`);
  if (type.actions.some((action) => action.batches)) found.push("Batching");
  if (takesAudiences(type)) found.push("Audiences");
  if (type.can_delete) found.push("User deletion");
  if (type.strict_order) found.push("Strict order");
  if (type.dedupes_on) found.push(`Deduplicates by ${type.dedupes_on}`);
  return found;
}

function takesAudiences(type: TypeShape): boolean {
  return (
    /audience/i.test(type.description) ||
    type.actions.some((action) => /audience|member|list/i.test(action.name))
  );
}

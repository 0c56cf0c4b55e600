/** An event of a timeline in words. */

import { valueText } from "~/format/value";

/** Of an event, in the order in which they say most. */
const FACTS_SHOWN = 4;

interface Told {
  type: string;
  name: string;
  event: unknown;
}

/** "Order Completed", "Viewed page Basket", "Identified": what somebody has done. */
export function headline({ type, name, event }: Told): string {
  switch (type) {
    case "track":
      return name || "Untitled event";
    case "page":
    case "screen":
      return name ? `Viewed ${type} ${name}` : `Viewed a ${type}`;
    case "identify":
      return "Identified";
    case "group":
      return `Joined account ${textAt(event, "groupId")}`.trim();
    case "alias":
      return "Linked ids";
    default:
      return name || type;
  }
}

/** The first few facts of an event, as much as fits in a line. */
export function glance({ type, event }: Told): string {
  if (type === "alias") return `${textAt(event, "previousId")} is ${textAt(event, "userId")}`;
  const { properties, traits } = (event ?? {}) as Record<string, unknown>;
  const facts = Object.entries((properties ?? traits ?? {}) as Record<string, unknown>);
  return facts
    .filter(([, value]) => typeof value !== "object")
    .slice(0, FACTS_SHOWN)
    .map(([key, value]) => `${key}: ${valueText(value)}`)
    .join(" · ");
}

function textAt(event: unknown, key: string): string {
  const value = (event as Record<string, unknown> | null)?.[key];
  return typeof value === "string" ? value : "";
}

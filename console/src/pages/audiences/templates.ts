/**
 * What many audiences begin as. Names of events and properties are those that this workspace has sent, as far as one
 * can tell by how they are called; what is not found is left open, and the builder asks for it.
 */

export interface Template {
  id: string;
  /** Also the name of what is made of it, until somebody writes another. */
  name: string;
  about: string;
  /** The condition, as the workspace file has it. */
  where: unknown;
}

/** Names that were seen, the most frequent first. */
export interface Seen {
  events: readonly string[];
  /** Of the event that somebody buys with. */
  amounts: readonly string[];
}

export const BLANK = { all: [{ event: "" }] };

export function templatesOf({ events, amounts }: Seen): Template[] {
  const bought = purchaseOf(events);
  const added = find(events, /\b(product added|added? to (cart|basket)|cart)\b/i);
  const amount = find(amounts, /^(total|revenue|amount|value|order total|subtotal|price)$/i);
  return [
    {
      id: "repeat-buyers",
      name: "Repeat buyers",
      about: "Bought at least twice in the last 90 days",
      where: { all: [{ event: bought, count: { op: ">=", value: 2 }, within: "90d" }] },
    },
    {
      id: "high-value",
      name: "High lifetime value",
      about: "Spent 500 or more in total",
      where: { all: [{ event: bought, sum: { property: amount, op: ">=", value: 500 } }] },
    },
    {
      id: "abandoned-cart",
      name: "Abandoned cart",
      about: "Added to cart in the last 3 days, did not buy",
      where: { all: [{ event: added, within: "3d" }, { not: { event: bought, within: "3d" } }] },
    },
    {
      id: "recently-active",
      name: "Recently active",
      about: "Any activity in the last 7 days",
      where: { all: [{ event: true, within: "7d" }] },
    },
    {
      id: "slipping-away",
      name: "Slipping away",
      about: "Active in the last 90 days, but not in the last 30",
      where: { all: [{ event: true, within: "90d" }, { not: { event: true, within: "30d" } }] },
    },
    {
      id: "first-time-buyers",
      name: "First-time buyers",
      about: "Bought exactly once, in the last 30 days",
      where: {
        all: [
          { event: bought, count: { op: "=", value: 1 } },
          { event: bought, within: "30d" },
        ],
      },
    },
    {
      id: "leads",
      name: "Leads",
      about: "Email address known, no purchase yet",
      where: { all: [{ trait: "email", op: "exists" }, { not: { event: bought } }] },
    },
    {
      id: "fast-buyers",
      name: "Fast buyers",
      about: "Added to cart, then bought within a day",
      where: { all: [{ sequence: [{ event: added }, { event: bought }], within: "1d" }] },
    },
  ];
}

/** The event that somebody buys with; empty: none is called like one. */
export function purchaseOf(events: readonly string[]): string {
  return (
    find(events, /\b(order completed|purchase(d)?|order placed|checkout completed|booking completed)\b/i) ||
    find(events, /\b(order|payment|subscri\w+|booking)\b/i)
  );
}

function find(names: readonly string[], like: RegExp): string {
  return names.find((name) => like.test(name.replaceAll("_", " "))) ?? "";
}

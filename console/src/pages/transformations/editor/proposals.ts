/** Places in events that were really seen, to be proposed where a path is asked for. */

import { $api } from "~/api/client";
import type { Draft } from "../model/draft";

export interface Proposals {
  /** From the properties, or traits, on: `order.id`. */
  inside: string[];
  /** From the top of the event on: `properties.order.id`. */
  whole: string[];
}

/** Always worth proposing: every browser sends them. */
const CONTEXT = ["context.ip", "context.page.url", "context.userAgent", "context.locale"];

const LISTED = 100;

export function useProposals(draft: Draft): Proposals {
  const event = /^\s*(?:type\s*=\s*["']track["']\s*and\s*)?event\s*=\s*["'](.+?)["']/i.exec(draft.if)?.[1];
  const traits = /type\s*=\s*["'](identify|group)["']/i.test(draft.if);
  const source = draft.sources.length === 1 ? draft.sources[0] : undefined;
  const properties = $api.useQuery(
    "get",
    "/api/v1/schema/suggestions",
    { params: { query: { kind: traits ? "trait" : "property", event, source, limit: LISTED } } },
    { staleTime: 60_000, retry: false },
  );
  const names = [...new Set(properties.data?.data.map((each) => each.text) ?? [])].filter(
    (name) => !name.includes("$"),
  );
  const member = traits ? "traits" : "properties";
  const inside = names.map((name) => name.replace(/^(properties|traits)\./, ""));
  return { inside, whole: [...inside.map((name) => `${member}.${name}`), ...CONTEXT] };
}

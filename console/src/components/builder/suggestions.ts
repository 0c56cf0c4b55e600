/** What was really sent: names with their volumes and types, and values. */

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { $api } from "~/api/client";
import type { RecentEvent, Suggestion } from "~/api/schema";
import type { Collection } from "./context";
import type { Call, Events } from "./model/nodes";

const TYPED_AFTER_MS = 150;
const SCHEMA_STALE_MS = 30_000;
/** Whoever has just sent their first event waits for it here. */
const LOOKED_AGAIN_MS = 3_000;
const SAMPLES = 50;

export type SuggestionKind = Suggestion["kind"];

/** For what was typed so far; `kind` null: nothing is known of such names. */
export function useSuggestions(kind: SuggestionKind | null, typed: string, event?: string) {
  const [prefix] = useDebouncedValue(typed, TYPED_AFTER_MS);
  const query = $api.useQuery(
    "get",
    "/api/v1/schema/suggestions",
    { params: { query: { kind: kind ?? "event", prefix, event, limit: 30 } } },
    {
      enabled: kind !== null,
      staleTime: SCHEMA_STALE_MS,
      placeholderData: keepPreviousData,
      refetchInterval: ({ state }) => (state.data?.data.length === 0 ? LOOKED_AGAIN_MS : false),
    },
  );
  return kind === null ? [] : (query.data?.data ?? []);
}

/** The types that values of this name were seen with; empty: not known. */
export function useTypes(kind: SuggestionKind | null, name: string, event?: string): string[] {
  const found = useSuggestions(name ? kind : null, name, event);
  return found.find((each) => each.text === name)?.types ?? [];
}

/** Values of a trait, the most frequent first. */
export function useTraitValues(name: string, collection: Collection): string[] {
  const [settled] = useDebouncedValue(name, 300);
  const query = $api.useQuery(
    "get",
    "/api/v1/traits/{key}/values",
    { params: { path: { key: settled }, query: { collection } } },
    { enabled: settled !== "" && !settled.includes(".."), staleTime: SCHEMA_STALE_MS, retry: false },
  );
  return (query.data?.top ?? []).map((each) => asText(each.value)).filter((text) => text !== null);
}

/** Values of a path in the newest events of this name. */
export function useEventValues(events: Events, path: string[]): string[] {
  const isNamed = events.name !== true && events.name !== "";
  const query = $api.useQuery(
    "get",
    "/api/v1/events",
    {
      params: {
        query: {
          type: TYPE_OF[events.call],
          limit: SAMPLES,
          ...(isNamed ? { event: events.name as string } : {}),
        },
      },
    },
    { enabled: path.length > 0, staleTime: SCHEMA_STALE_MS, retry: false },
  );
  return path.length > 0 ? valuesAt(query.data?.data ?? [], path) : [];
}

const TYPE_OF: Record<Call, string> = {
  event: "track",
  page: "page",
  screen: "screen",
  identify: "identify",
  group: "group",
  alias: "alias",
};

function valuesAt(events: readonly RecentEvent[], path: string[]): string[] {
  const counts = new Map<string, number>();
  for (const { body } of events) {
    let value: unknown = body;
    for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
    for (const item of Array.isArray(value) ? value : [value]) {
      const text = asText(item);
      if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  return [...counts].sort(([, one], [, other]) => other - one).map(([text]) => text);
}

function asText(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

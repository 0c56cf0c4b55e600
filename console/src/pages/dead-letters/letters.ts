/** Dead letters as the page asks for them. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { $api, api } from "~/api/client";
import type { DeadLetterLine, Filter } from "~/api/schema";
import type { DeadLettersSearch } from "./routes";

const PAGE = 200;

/** What the address says about which letters are shown, as the API takes it. */
export function filterOf({ letter: _, ...filter }: DeadLettersSearch): Filter {
  return filter;
}

export function isNarrowed(filter: Filter): boolean {
  return Object.values(filter).some(Boolean);
}

export function useGroups() {
  return $api.useQuery("get", "/api/v1/dead-letters/groups", {}, { refetchInterval: 15_000 });
}

export function useLetters(filter: Filter) {
  return useInfiniteQuery({
    queryKey: ["dead letters", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filter, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) };
      const { data } = await api.GET("/api/v1/dead-letters", { params: { query }, signal });
      return data as { data: DeadLetterLine[]; next?: string | null };
    },
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** What a stage does, in a word or two; the API's name of it stands in the address. */
export const STAGE_LABELS: Record<string, string> = {
  collect: "Collection",
  normalise: "Validation",
  govern: "Tracking plan",
  transform: "Transformation",
  resolve: "Identity",
  update: "Profile update",
  delivery: "Delivery",
};

/** "Order Completed", "page Home", "Whole request (3 events)". */
export function titleOf(letter: DeadLetterLine): string {
  if (letter.event)
    return !letter.type || letter.type === "track" ? letter.event : `${letter.type} ${letter.event}`;
  if (letter.type) return letter.type;
  return letter.events > 1 ? `Whole request (${letter.events} events)` : "Unreadable";
}

/** The events of a profile, page after page, and how many of which there are. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "~/api/client";
import type { TimelinePage } from "~/api/schema";
import type { ProfileSearch } from "../routes";

/** Rare events among many: pages may be empty, and the search goes on until so many are found. */
const WANTED = 15;

/** Pages in a row that are looked through without anybody asking: 40,000 events. */
const BY_ITSELF = 20;

export function useTimeline(who: string, { type, event, source }: ProfileSearch) {
  const filters = { ...(type && { type }), ...(event && { name: event }), ...(source && { source }) };
  const query = useInfiniteQuery({
    queryKey: ["timeline", who, filters],
    queryFn: async ({ pageParam, signal }): Promise<TimelinePage> => {
      const params = { path: { who }, query: { ...filters, ...(pageParam && { cursor: pageParam }) } };
      const { data } = await api.GET("/api/v1/profiles/events/{who}", { params, signal });
      return data as TimelinePage;
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  const pages = query.data?.pages ?? [];
  const events = pages.flatMap((page) => page.data);
  const { hasNextPage, isFetching, fetchNextPage } = query;
  const goesOn = events.length < WANTED && pages.length < BY_ITSELF;
  useEffect(() => {
    if (goesOn && hasNextPage && !isFetching) void fetchNextPage();
  }, [goesOn, hasNextPage, isFetching, fetchNextPage]);
  return { query, events, reached: pages.at(-1)?.reached ?? null };
}
